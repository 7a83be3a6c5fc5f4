package wire

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Query is the AWS Query protocol: a form in, XML out.
type Query struct{ Namespace string }

type queryError struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// WriteOutput writes <OpResponse><OpResult>…</OpResult><ResponseMetadata>…; out's fields carry xml tags.
func (p Query) WriteOutput(w http.ResponseWriter, operation, requestID string, out any) {
	p.begin(w, requestID, http.StatusOK)
	e := xml.NewEncoder(w)
	response := element(operation+"Response", xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: p.Namespace})
	_ = e.EncodeToken(response)
	if out != nil {
		_ = e.EncodeElement(out, element(operation+"Result"))
	}
	metadata := element("ResponseMetadata")
	_ = e.EncodeToken(metadata)
	_ = e.EncodeElement(requestID, element("RequestId"))
	_ = e.EncodeToken(metadata.End())
	_ = e.EncodeToken(response.End())
	_ = e.Flush()
}

// WriteError writes <ErrorResponse>. What the JSON services call AccessDeniedException is AccessDenied here, with 403.
func (p Query) WriteError(w http.ResponseWriter, requestID string, e Failure) {
	if e.Code == "AccessDeniedException" {
		e.Code, e.Status = "AccessDenied", http.StatusForbidden
	}
	kind := "Sender"
	if e.Status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	p.begin(w, requestID, e.Status)
	_ = xml.NewEncoder(w).Encode(queryError{Namespace: p.Namespace, Type: kind, Code: e.Code, Message: e.Message, RequestID: requestID})
}

func (Query) begin(w http.ResponseWriter, requestID string, status int) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("x-amzn-RequestId", requestID)
	w.WriteHeader(status)
}

func element(name string, attrs ...xml.Attr) xml.StartElement {
	return xml.StartElement{Name: xml.Name{Local: name}, Attr: attrs}
}

// nest turns form keys into nested values: Tags.member.1.Key=a becomes {"Tags": [{"Key": "a"}]}. All leaves are strings.
func nest(form url.Values) map[string]any {
	root := map[string]any{}
	for _, key := range sortedKeys(form) {
		put(root, strings.Split(key, "."), form.Get(key))
	}
	for key, value := range root {
		root[key] = lists(value)
	}
	return root
}

func sortedKeys(form url.Values) []string {
	keys := make([]string, 0, len(form))
	for key := range form {
		if key != "Action" && key != "Version" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func put(into map[string]any, path []string, value string) {
	if len(path) == 1 {
		into[path[0]] = value
		return
	}
	next, ok := into[path[0]].(map[string]any)
	if !ok {
		next = map[string]any{}
		into[path[0]] = next
	}
	put(next, path[1:], value)
}

// lists turns {"member": {"1": x, "2": y}} into [x, y], at every depth.
func lists(value any) any {
	m, ok := value.(map[string]any)
	if !ok {
		return value
	}
	if members, ok := m["member"].(map[string]any); ok && len(m) == 1 {
		return inOrder(members)
	}
	for key, v := range m {
		m[key] = lists(v)
	}
	return m
}

func inOrder(members map[string]any) []any {
	numbers := make([]int, 0, len(members))
	for key := range members {
		if n, err := strconv.Atoi(key); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	list := make([]any, 0, len(numbers))
	for _, n := range numbers {
		list = append(list, lists(members[strconv.Itoa(n)]))
	}
	return list
}
