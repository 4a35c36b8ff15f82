// An adapter of protocol version 1 in Go's standard library: sign, presign and verify.
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"sort"
	"strconv"
	"strings"
)

const skewSeconds = 900 // how far the start of a signature may lie in the future

var (
	fieldNames = []string{
		"q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature"}
	spanForm      = regexp.MustCompile(`^([0-9]{1,15});([0-9]{1,15})$`)
	signatureForm = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// pair is a name and a value; the value of a parameter without "=" is nil.
type pair [2]*string

// canonical is a list of names and the string of their pairs.
type canonical struct{ list, text string }

type refused struct{ error }

type message struct {
	ID      int    `json:"id"`
	Command string `json:"command"`
	Request *struct {
		Method, Path, Target string
		Params, Headers      []pair
	} `json:"request"`
	Credentials *struct {
		ID  string `json:"secret_id"`
		Key string `json:"secret_key"`
	} `json:"credentials"`
	KeyTime     string            `json:"key_time"`
	SignTime    string            `json:"sign_time"`
	HeaderNames []string          `json:"signed_header_names"`
	ParamNames  []string          `json:"signed_param_names"`
	URL         string            `json:"url"`
	Secrets     map[string]string `json:"secrets"`
	Now         int64             `json:"now"`
}

type answer map[string]any

func encode(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-._~", b) >= 0 {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}

// decode takes + for a space and leaves a stray percent sign as it is.
func decode(text string) string {
	var out []byte
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if b, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(b))
				i += 2
				continue
			}
		}
		if text[i] == '+' {
			out = append(out, ' ')
		} else {
			out = append(out, text[i])
		}
	}
	return string(out)
}

func hmacHex(key, text string) string {
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func (p pair) name() string  { return text(p[0]) }
func (p pair) value() string { return text(p[1]) }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func encoded(pairs []pair) [][2]string {
	out := [][2]string{}
	for _, p := range pairs {
		out = append(out, [2]string{strings.ToLower(encode(p.name())), encode(p.value())})
	}
	return out
}

func joined(pairs [][2]string) canonical {
	names, texts := []string{}, []string{}
	for _, p := range pairs {
		names, texts = append(names, p[0]), append(texts, p[0]+"="+p[1])
	}
	return canonical{strings.Join(names, ";"), strings.Join(texts, "&")}
}

// signed is what is to be signed of the pairs: all, or those that names has when it is not nil.
func signed(pairs []pair, names []string) canonical {
	kept := keep(pairs, func(p pair) bool {
		for _, name := range names {
			if strings.EqualFold(name, p.name()) {
				return true
			}
		}
		return names == nil
	})
	out := encoded(kept)
	sort.SliceStable(out, func(i, j int) bool { return out[i][0] < out[j][0] })
	return joined(out)
}

func keep(pairs []pair, wanted func(pair) bool) []pair {
	kept := []pair{}
	for _, p := range pairs {
		if wanted(p) {
			kept = append(kept, p)
		}
	}
	return kept
}

func stages(method, path string, params, headers canonical, id, key, keyTime, signTime string) map[string]string {
	httpString := strings.ToLower(method) + "\n" + path + "\n" + params.text + "\n" + headers.text + "\n"
	digest := fmt.Sprintf("%x", sha1.Sum([]byte(httpString)))
	signKey := hmacHex(key, keyTime)
	stringToSign := "sha1\n" + signTime + "\n" + digest + "\n"
	signature := hmacHex(signKey, stringToSign)
	values := []string{"sha1", id, signTime, keyTime, headers.list, params.list, signature}
	for i, name := range fieldNames {
		values[i] = name + "=" + values[i]
	}
	return map[string]string{
		"key_time": keyTime, "sign_key": signKey, "url_param_list": params.list, "http_parameters": params.text,
		"header_list": headers.list, "http_headers": headers.text, "http_string": httpString, "http_string_sha1": digest,
		"string_to_sign": stringToSign, "signature": signature, "authorization": strings.Join(values, "&")}
}

// pieces are the name=value pairs of a query or an Authorization, not decoded.
func pieces(text string) []pair {
	out := []pair{}
	for _, piece := range strings.Split(text, "&") {
		name, value, _ := strings.Cut(piece, "=")
		if piece != "" {
			out = append(out, pair{&name, &value})
		}
	}
	return out
}

func sign(m message) (map[string]string, error) {
	if m.Request == nil || m.Credentials == nil || m.Request.Path == "" || m.KeyTime == "" || m.SignTime == "" {
		return nil, errors.New("sign needs request, credentials, key_time and sign_time")
	}
	r := m.Request
	return stages(r.Method, r.Path, signed(r.Params, m.ParamNames), signed(r.Headers, m.HeaderNames),
		m.Credentials.ID, m.Credentials.Key, m.KeyTime, m.SignTime), nil
}

func presign(m message) (answer, error) {
	made, err := sign(m)
	if err == nil && m.URL == "" {
		err = errors.New("presign needs url")
	}
	if err != nil {
		return nil, err
	}
	query := []string{}
	for _, p := range append(m.Request.Params, pieces(made["authorization"])...) {
		if p[1] == nil {
			query = append(query, encode(p.name()))
		} else {
			query = append(query, encode(p.name())+"="+encode(p.value()))
		}
	}
	path := strings.ReplaceAll(encode(m.Request.Path), "%2F", "/")
	return answer{"url": m.URL + path + "?" + strings.Join(query, "&"), "stages": made}, nil
}

// verified is refused unless the request carries a signature that is its own.
func verified(m message) error {
	if m.Request == nil || m.Secrets == nil || m.Request.Target == "" {
		return errors.New("verify needs request and secrets")
	}
	path, query, _ := strings.Cut(m.Request.Target, "?")
	params := pieces(query)
	for _, p := range params {
		*p[0], *p[1] = decode(*p[0]), decode(*p[1])
	}
	given, params := presented(m.Request.Headers, params)
	if given == nil {
		return refused{errors.New("AccessDenied")}
	}
	field := map[string]string{}
	for _, p := range given {
		field[p.name()] = p.value()
	}
	for _, name := range fieldNames {
		if _, found := field[name]; !found || len(given) != len(fieldNames) {
			return refused{errors.New("InvalidAuthorization")}
		}
	}
	if field["q-sign-algorithm"] != "sha1" || !signatureForm.MatchString(field["q-signature"]) {
		return refused{errors.New("InvalidAuthorization")}
	}
	key, known := m.Secrets[field["q-ak"]]
	for _, name := range []string{"q-sign-time", "q-key-time"} {
		span := spanForm.FindStringSubmatch(field[name])
		if span == nil {
			return refused{errors.New("InvalidAuthorization")}
		}
		start, _ := strconv.ParseInt(span[1], 10, 64)
		end, _ := strconv.ParseInt(span[2], 10, 64)
		switch {
		case !known:
			return refused{errors.New("InvalidAccessKeyId")}
		case end <= start || m.Now > end:
			return refused{errors.New("AccessDenied: Request has expired")}
		case m.Now+skewSeconds < start:
			return refused{errors.New("RequestTimeTooSkewed")}
		}
	}
	chosenParams, err := chosen(params, field["q-url-param-list"])
	chosenHeaders, headerErr := chosen(m.Request.Headers, field["q-header-list"])
	own := stages(m.Request.Method, decode(path), chosenParams, chosenHeaders, field["q-ak"], key,
		field["q-key-time"], field["q-sign-time"])
	if err != nil || headerErr != nil || !hmac.Equal([]byte(own["signature"]), []byte(field["q-signature"])) {
		return refused{errors.New("SignatureDoesNotMatch")}
	}
	return nil
}

// presented is the signature's fields and the parameters without those that carry it; nil fields when there are none.
func presented(headers, params []pair) ([]pair, []pair) {
	for _, h := range headers {
		if strings.EqualFold(h.name(), "authorization") && h.value() != "" {
			return pieces(h.value()), params
		}
	}
	isField := func(p pair) bool { return strings.Contains(";"+strings.Join(fieldNames, ";")+";", ";"+p.name()+";") }
	if given := keep(params, isField); len(given) > 0 {
		return given, keep(params, func(p pair) bool { return !isField(p) })
	}
	isSign := func(p pair) bool { return p.name() == "sign" }
	if merged := keep(params, isSign); len(merged) > 0 {
		return pieces(merged[0].value()), keep(params, func(p pair) bool { return !isSign(p) })
	}
	return nil, params
}

// chosen is the pairs that the list names, in its order.
func chosen(pairs []pair, list string) (canonical, error) {
	left, found := encoded(pairs), [][2]string{}
	for _, name := range strings.Split(strings.ToLower(list), ";") {
		place := -1
		for i, p := range left {
			if place < 0 && (p[0] == name || p[0] == strings.ToLower(encode(name))) {
				place = i
			}
		}
		if place < 0 && list != "" {
			return canonical{}, errors.New(name + " is not there")
		}
		if list != "" {
			found = append(found, left[place])
			left = append(left[:place], left[place+1:]...)
		}
	}
	return joined(found), nil
}

func answered(m message) (answer, error) {
	switch m.Command {
	case "hello":
		return answer{"protocol": 1, "name": "go-stdlib", "version": "1", "language": runtime.Version(),
			"commands": []string{"sign", "presign", "verify"}}, nil
	case "sign":
		made, err := sign(m)
		return answer{"stages": made}, err
	case "presign":
		return presign(m)
	case "verify":
		err := verified(m)
		if refusal, is := err.(refused); is {
			return answer{"accepted": false, "reason": refusal.Error()}, nil
		}
		return answer{"accepted": true}, err
	}
	return answer{"skipped": "no command '" + m.Command + "'"}, nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20+1)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var m message
		err := json.Unmarshal(lines.Bytes(), &m)
		var result answer
		if err == nil {
			result, err = answered(m)
		}
		if err != nil {
			result = answer{"error": err.Error()}
		}
		result["id"] = m.ID
		out.Encode(result)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
