package wire

import (
	"encoding/json"
	"hash/crc32"
	"maps"
	"net/http"
	"strconv"
)

// JSON is AWS JSON, version "1.0" or "1.1".
type JSON struct{ Version string }

// WriteOutput writes out as the reply's body.
func (p JSON) WriteOutput(w http.ResponseWriter, _, requestID string, out any) {
	p.write(w, requestID, http.StatusOK, out)
}

// WriteError writes {"__type": code, "message": message}.
func (p JSON) WriteError(w http.ResponseWriter, requestID string, e Failure) {
	body := map[string]any{"__type": e.Code, "message": e.Message}
	maps.Copy(body, e.Fields)
	p.write(w, requestID, e.Status, body)
}

func (p JSON) write(w http.ResponseWriter, requestID string, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-"+p.Version)
	w.Header().Set("x-amzn-RequestId", requestID)
	// DynamoDB's: its SDK warns of a reply without it. The clients of the others take no notice.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(raw)), 10))
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// Lambda is the REST protocol of Lambda's Invoke: the function's payload is the body.
type Lambda struct{}

// Invoked is what Invoke answers.
type Invoked struct {
	Payload       []byte
	FunctionError string // "Unhandled", or empty
	StatusCode    int    // 200, or 202 for an asynchronous invocation
}

// WriteOutput writes the payload of an [Invoked].
func (Lambda) WriteOutput(w http.ResponseWriter, _, requestID string, out any) {
	invoked, ok := out.(Invoked)
	if !ok {
		JSON{"1.1"}.WriteOutput(w, "", requestID, out)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-amzn-RequestId", requestID)
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if invoked.FunctionError != "" {
		w.Header().Set("X-Amz-Function-Error", invoked.FunctionError)
	}
	w.WriteHeader(invoked.StatusCode)
	_, _ = w.Write(invoked.Payload)
}

// WriteError writes the error with its code in the header, as Lambda's API does.
func (Lambda) WriteError(w http.ResponseWriter, requestID string, e Failure) {
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	body := map[string]any{"Message": e.Message, "Type": "User"}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-amzn-RequestId", requestID)
	w.WriteHeader(e.Status)
	_ = json.NewEncoder(w).Encode(body)
}
