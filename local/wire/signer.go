package wire

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Signer is AWS Signer's REST protocol: the input stands in the path, the query and a body of JSON.
type Signer struct{}

// WriteOutput writes out as the reply's body.
func (p Signer) WriteOutput(w http.ResponseWriter, _, requestID string, out any) {
	p.write(w, requestID, http.StatusOK, out)
}

// WriteError writes the error with its code in the header. What IAM refuses is 403, and its sentence stands under "Message":
// https://github.com/aws/aws-signer-notation-plugin/issues/215
func (p Signer) WriteError(w http.ResponseWriter, requestID string, e Failure) {
	body := map[string]any{"message": e.Message, "code": e.Code}
	if e.Code == "AccessDeniedException" {
		e.Status, body = http.StatusForbidden, map[string]any{"Message": e.Message}
	}
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	maps.Copy(body, e.Fields)
	p.write(w, requestID, e.Status, body)
}

func (Signer) write(w http.ResponseWriter, requestID string, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-amzn-RequestId", requestID)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// route is where an operation of a REST protocol is called; what stands in braces is a member of the input.
type route struct{ method, path, operation string }

// signerRoutes are those of the operations that are served: https://docs.aws.amazon.com/signer/latest/api/API_Operations.html
func signerRoutes() []route {
	return []route{
		{http.MethodPut, "/signing-profiles/{profileName}", "PutSigningProfile"},
		{http.MethodGet, "/signing-profiles/{profileName}", "GetSigningProfile"},
		{http.MethodPut, "/signing-profiles/{profileName}/revoke", "RevokeSigningProfile"},
		{http.MethodPost, "/signing-jobs/with-payload", "SignPayload"},
		{http.MethodPut, "/signing-jobs/{jobId}/revoke", "RevokeSignature"},
		{http.MethodGet, "/revocations", "GetRevocationStatus"},
	}
}

// match returns the members that a path holds, if it is one of the route's.
func (r route) match(method, path string) (map[string]any, bool) {
	members, have, want := map[string]any{}, strings.Split(path, "/"), strings.Split(r.path, "/")
	if method != r.method || len(have) != len(want) {
		return nil, false
	}
	for i, part := range want {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			members[strings.TrimSuffix(name, "}")] = have[i]
		} else if part != have[i] {
			return nil, false
		}
	}
	return members, true
}

// parseSigner reads a call of AWS Signer, which is known by its paths.
func parseSigner(r *http.Request, body []byte) (Incoming, bool, error) {
	if first := strings.Split(r.URL.Path, "/")[1]; !slices.Contains([]string{"signing-profiles", "signing-jobs", "signing-platforms", "revocations"}, first) {
		return Incoming{}, false, nil
	}
	in, input := Incoming{Service: "signer", Protocol: Signer{}, Operation: r.Method + " " + r.URL.Path}, map[string]any{}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &input); err != nil {
			return in, true, err
		}
	}
	maps.Copy(input, queried(r.URL.Query()))
	for _, route := range signerRoutes() {
		if members, ok := route.match(r.Method, r.URL.Path); ok {
			in.Operation = route.operation
			maps.Copy(input, members)
		}
	}
	raw, err := json.Marshal(input)
	in.Input = raw
	return in, true, err
}

// queried are the members of an input that stand in the query: lists are what is there in the plural.
func queried(query url.Values) map[string]any {
	members := map[string]any{}
	for name, values := range query {
		members[name] = values[0]
		if strings.HasSuffix(name, "Hashes") {
			members[name] = values
		}
	}
	return members
}
