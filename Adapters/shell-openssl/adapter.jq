# Reads one message of the protocol; writes six texts, each ended by NUL, for the shell to finish:
#   the whole answer when no signature is asked, else the answer up to what is missing,
#   SecretKey, KeyTime, the time of the signature, HttpString, and the answer's end up to the signature.

# @uri of jq 1.6 leaves these five as they are.
def enc: @uri | gsub("(?<mark>[!'()*])"; {"!": "%21", "'": "%27", "(": "%28", ")": "%29", "*": "%2A"}[.mark]);
def text: if type == "string" then . else error("a text is missing") end;
def span: if type == "string" and test("^-?[0-9]+;-?[0-9]+$") then . else error("a time is not 'start;end'") end;
def open: tojson | .[:-1];
def fields: map("\(.[0])=\(.[1])") | join("&");

# {list, string} of what is to be signed of the pairs: all, or those that $names has.
def canonical($names):
  map(select($names == null or (.[0] | ascii_downcase | IN($names[]? | ascii_downcase))))
  | map([(.[0] | text | enc | ascii_downcase), (.[1] // "" | text | enc)]) | sort_by(.[0])
  | {list: (map(.[0]) | join(";")), string: fields};

def signing:
  . as $message | .request as $request
  | ($request.params | canonical($message.signed_param_names)) as $params
  | ($request.headers | canonical($message.signed_header_names)) as $headers
  | ([$request.method | text | ascii_downcase] + [($request.path | text), $params.string, $headers.string] | map(. + "\n") | add) as $http
  | [["q-sign-algorithm", "sha1"], ["q-ak", (.credentials.secret_id | text)], ["q-sign-time", (.sign_time | span)],
     ["q-key-time", (.key_time | span)], ["q-header-list", $headers.list], ["q-url-param-list", $params.list],
     ["q-signature", ""]] as $fields
  | {key_time, url_param_list: $params.list, http_parameters: $params.string, header_list: $headers.list,
     http_headers: $headers.string, http_string: $http} as $stages
  | [$request.params[] | (.[0] | enc) + (if .[1] == null then "" else "=" + (.[1] | enc) end)] as $own
  | (if .command == "presign" then
       (.url | text) + ($request.path | enc | gsub("%2F"; "/")) + "?"
       + ($own + [$fields | map(map(enc)) | fields] | join("&"))
     else null end) as $url
  | "{\"id\":\(.id),\"stages\":\($stages | tojson | .[:-1])",
    (.credentials.secret_key | text), .key_time, .sign_time, $http,
    (if $url then "},\"url\":" + ($url | open) else ",\"authorization\":" + ($fields | fields | open) end);

def answer:
  if .command == "hello" then
    {id, protocol: 1, name: "shell-openssl", version: "1", language: $language, commands: ["sign", "presign"]}
  else {id, skipped: "no command '\(.command)'"} end;

(if .command == "sign" or .command == "presign" then
   . as $message | try [signing] catch [({id: $message.id, error: .} | tojson), "", "", "", "", ""]
 else [(answer | tojson), "", "", "", "", ""] end)
| .[] + "\u0000"
