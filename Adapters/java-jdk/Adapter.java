import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.*;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** An adapter of protocol version 1 for JDK 17 and later, nothing else: sign, presign and verify. */
public class Adapter {
    static final List<String> FIELDS = List.of(
        "q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature");
    static final long SKEW_SECONDS = 900; // how far the start of a signature may lie in the future

    /** A name and a value; the value of a parameter without "=" is null. */
    record Pair(String name, String value) {
        Pair encoded() {
            return new Pair(encode(name).toLowerCase(Locale.ROOT), encode(value == null ? "" : value));
        }
    }

    /** The list of the names and the string of the pairs, in the order given. */
    record Canonical(String list, String string) {
        static Canonical of(List<Pair> pairs) {
            return new Canonical(pairs.stream().map(Pair::name).collect(Collectors.joining(";")),
                pairs.stream().map(pair -> pair.name + "=" + pair.value).collect(Collectors.joining("&")));
        }
    }

    static class Refused extends RuntimeException {
        Refused(String reason) { super(reason); }
    }

    static byte[] utf8(String text) { return text.getBytes(StandardCharsets.UTF_8); }

    static String encode(String text) {
        var out = new StringBuilder();
        for (byte b : utf8(text)) {
            boolean kept = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || "-._~".indexOf(b) >= 0;
            out.append(kept ? String.valueOf((char) b) : String.format("%%%02X", b));
        }
        return out.toString();
    }

    /** + is a space; a stray percent sign stays. */
    static String decode(String text) {
        return URLDecoder.decode(text.replaceAll("%(?![0-9A-Fa-f]{2})", "%25"), StandardCharsets.UTF_8);
    }

    static String sha1(String text) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(utf8(text)));
    }

    static String hmac(String key, String text) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(utf8(key), "HmacSHA1"));
        return HexFormat.of().formatHex(mac.doFinal(utf8(text)));
    }

    /** What is to be signed of the pairs: all, or those that the names have when there are names. */
    static Canonical canonical(List<Pair> pairs, Object names) {
        Predicate<Pair> wanted = pair -> names == null
            || list(names).stream().anyMatch(name -> pair.name.equalsIgnoreCase((String) name));
        return Canonical.of(pairs.stream().filter(wanted).map(Pair::encoded).sorted(Comparator.comparing(Pair::name)).toList());
    }

    static Map<String, Object> stages(String method, String path, Canonical params, Canonical headers, String id, String key,
        String keyTime, String signTime) throws GeneralSecurityException {
        var out = new LinkedHashMap<String, Object>();
        String signKey = hmac(key, keyTime);
        String httpString = String.join("\n", method.toLowerCase(Locale.ROOT), path, params.string, headers.string, "");
        String stringToSign = "sha1\n" + signTime + "\n" + sha1(httpString) + "\n";
        String signature = hmac(signKey, stringToSign);
        String[] values = {"sha1", id, signTime, keyTime, headers.list, params.list, signature};
        var fields = new StringJoiner("&");
        for (int i = 0; i < values.length; i++) fields.add(FIELDS.get(i) + "=" + values[i]);
        out.put("key_time", keyTime);
        out.put("sign_key", signKey);
        out.put("url_param_list", params.list);
        out.put("http_parameters", params.string);
        out.put("header_list", headers.list);
        out.put("http_headers", headers.string);
        out.put("http_string", httpString);
        out.put("http_string_sha1", sha1(httpString));
        out.put("string_to_sign", stringToSign);
        out.put("signature", signature);
        out.put("authorization", fields.toString());
        return out;
    }

    static Map<String, Object> sign(Map<String, Object> message) throws GeneralSecurityException {
        var request = map(message.get("request"));
        var credentials = map(message.get("credentials"));
        return stages(text(request, "method"), text(request, "path"),
            canonical(pairs(request.get("params")), message.get("signed_param_names")),
            canonical(pairs(request.get("headers")), message.get("signed_header_names")),
            text(credentials, "secret_id"), text(credentials, "secret_key"), text(message, "key_time"), text(message, "sign_time"));
    }

    static Map<String, Object> presign(Map<String, Object> message) throws GeneralSecurityException {
        var made = sign(message);
        var request = map(message.get("request"));
        var query = new ArrayList<>(pairs(request.get("params")));
        query.addAll(fields((String) made.get("authorization")));
        return Map.of("stages", made, "url", text(message, "url") + encode(text(request, "path")).replace("%2F", "/") + "?"
            + query.stream().map(pair -> encode(pair.name) + (pair.value == null ? "" : "=" + encode(pair.value)))
                .collect(Collectors.joining("&")));
    }

    static Map<String, Object> verify(Map<String, Object> message) throws GeneralSecurityException {
        try {
            verified(map(message.get("request")), map(message.get("secrets")), (Long) message.get("now"));
            return Map.of("accepted", true);
        } catch (Refused refusal) {
            return Map.of("accepted", false, "reason", refusal.getMessage());
        }
    }

    /** Throws Refused unless the request carries a signature that is its own. */
    static void verified(Map<String, Object> request, Map<String, Object> secrets, long now) throws GeneralSecurityException {
        String[] target = text(request, "target").split("\\?", 2);
        var params = new ArrayList<Pair>();
        if (target.length == 2 && !target[1].isEmpty())
            for (Pair pair : fields(target[1])) params.add(new Pair(decode(pair.name), decode(pair.value)));
        var headers = pairs(request.get("headers"));
        String header = first(headers, pair -> pair.name.equalsIgnoreCase("authorization"));
        String merged = first(params, pair -> pair.name.equals("sign"));
        List<Pair> given = params.stream().filter(pair -> FIELDS.contains(pair.name)).toList();
        if (!header.isEmpty()) {
            given = fields(header);
        } else if (!given.isEmpty()) {
            params.removeAll(given);
        } else if (!merged.isEmpty()) {
            given = fields(merged);
            params.removeIf(pair -> pair.name.equals("sign"));
        } else {
            throw new Refused("AccessDenied");
        }
        var field = new HashMap<String, String>();
        for (Pair pair : given) field.put(pair.name, pair.value);
        boolean wellFormed = given.size() == FIELDS.size() && field.keySet().equals(Set.copyOf(FIELDS))
            && field.get("q-sign-algorithm").equals("sha1") && field.get("q-signature").matches("[0-9a-f]{40}")
            && field.get("q-sign-time").matches("[0-9]{1,15};[0-9]{1,15}") && field.get("q-key-time").matches("[0-9]{1,15};[0-9]{1,15}");
        if (!wellFormed) throw new Refused("InvalidAuthorization");
        if (!(secrets.get(field.get("q-ak")) instanceof String key)) throw new Refused("InvalidAccessKeyId");
        for (String name : List.of("q-sign-time", "q-key-time")) {
            String[] span = field.get(name).split(";");
            long start = Long.parseLong(span[0]), end = Long.parseLong(span[1]);
            if (end <= start || now > end) throw new Refused("AccessDenied: Request has expired");
            if (now + SKEW_SECONDS < start) throw new Refused("RequestTimeTooSkewed");
        }
        var own = stages(text(request, "method"), decode(target[0]), chosen(params, field.get("q-url-param-list")),
            chosen(headers, field.get("q-header-list")), field.get("q-ak"), key, field.get("q-key-time"), field.get("q-sign-time"));
        if (!MessageDigest.isEqual(utf8((String) own.get("signature")), utf8(field.get("q-signature"))))
            throw new Refused("SignatureDoesNotMatch");
    }

    /** The pairs that the list names, in its order. */
    static Canonical chosen(List<Pair> pairs, String list) {
        var left = new ArrayList<>(pairs.stream().map(Pair::encoded).toList());
        var found = new ArrayList<Pair>();
        for (String name : list.isEmpty() ? new String[0] : list.toLowerCase(Locale.ROOT).split(";", -1)) {
            Pair pair = left.stream().filter(it -> it.name.equals(name) || it.name.equals(encode(name).toLowerCase(Locale.ROOT)))
                .findFirst().orElseThrow(() -> new Refused("SignatureDoesNotMatch"));
            left.remove(pair);
            found.add(pair);
        }
        return Canonical.of(found);
    }

    static List<Pair> fields(String text) {
        return Arrays.stream(text.split("&", -1)).map(piece -> piece.split("=", 2))
            .map(parts -> new Pair(parts[0], parts.length == 2 ? parts[1] : "")).toList();
    }

    static String first(List<Pair> pairs, Predicate<Pair> wanted) {
        return pairs.stream().filter(wanted).map(Pair::value).findFirst().orElse("");
    }

    // JSON, as much as the protocol needs. A value of another type is a ClassCastException, which becomes an "error".

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value, "an object is missing");
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object value) {
        return (List<Object>) Objects.requireNonNull(value, "a list is missing");
    }

    static String text(Map<String, Object> object, String key) {
        return (String) Objects.requireNonNull(object.get(key), () -> key + " is missing");
    }

    static List<Pair> pairs(Object value) {
        return list(value).stream().map(pair -> new Pair((String) list(pair).get(0), (String) list(pair).get(1))).toList();
    }

    static class Reader {
        final String text;
        int place;

        Reader(String text) { this.text = text; }

        /** The next character that is no white space, not yet taken. */
        char next() {
            while (" \t\r\n".indexOf(text.charAt(place)) >= 0) place++;
            return text.charAt(place);
        }

        void skip(char wanted) {
            if (next() == wanted) place++;
        }

        Object value() {
            switch (next()) {
                case '{' -> {
                    var object = new LinkedHashMap<String, Object>();
                    for (place++; next() != '}'; skip(',')) {
                        String key = string();
                        skip(':');
                        object.put(key, value());
                    }
                    place++;
                    return object;
                }
                case '[' -> {
                    var list = new ArrayList<Object>();
                    for (place++; next() != ']'; skip(',')) list.add(value());
                    place++;
                    return list;
                }
                case '"' -> { return string(); }
                default -> {
                    int start = place;
                    while (place < text.length() && ",]} \t\r\n".indexOf(text.charAt(place)) < 0) place++;
                    String word = text.substring(start, place);
                    return word.equals("null") ? null : word.matches("true|false") ? Boolean.valueOf(word) : (Object) Long.valueOf(word);
                }
            }
        }

        String string() {
            var out = new StringBuilder();
            next();
            while (text.charAt(++place) != '"') {
                if (text.charAt(place) != '\\') {
                    out.append(text.charAt(place));
                } else if (text.charAt(++place) == 'u') {
                    out.append((char) Integer.parseInt(text.substring(place + 1, place + 5), 16));
                    place += 4;
                } else {
                    int known = "bfnrt".indexOf(text.charAt(place));
                    out.append(known < 0 ? text.charAt(place) : "\b\f\n\r\t".charAt(known));
                }
            }
            place++;
            return out.toString();
        }
    }

    static String json(Object value) {
        if (value instanceof Map<?, ?> object)
            return object.entrySet().stream().map(entry -> json(entry.getKey()) + ":" + json(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
        if (value instanceof List<?> list) return list.stream().map(Adapter::json).collect(Collectors.joining(",", "[", "]"));
        if (!(value instanceof String text)) return String.valueOf(value);
        return text.chars().mapToObj(c -> c == '"' || c == '\\' ? "\\" + (char) c : c < ' ' ? String.format("\\u%04x", c)
            : String.valueOf((char) c)).collect(Collectors.joining("", "\"", "\""));
    }

    static Map<String, Object> answer(Map<String, Object> message) {
        try {
            return switch (text(message, "command")) {
                case "hello" -> Map.of("protocol", 1, "name", "java-jdk", "version", "1",
                    "language", "Java " + System.getProperty("java.version"), "commands", List.of("sign", "presign", "verify"));
                case "sign" -> Map.of("stages", sign(message));
                case "presign" -> presign(message);
                case "verify" -> verify(message);
                default -> Map.of("skipped", "no command '" + message.get("command") + "'");
            };
        } catch (RuntimeException | GeneralSecurityException fault) {
            return Map.of("error", String.valueOf(fault.getMessage()));
        }
    }

    public static void main(String[] arguments) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            var message = map(new Reader(line).value());
            var answer = new LinkedHashMap<String, Object>(Map.of("id", message.get("id")));
            answer.putAll(answer(message));
            out.print(json(answer) + "\n");
            out.flush();
        }
    }
}
