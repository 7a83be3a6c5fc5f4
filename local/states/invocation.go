package states

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"fairlead/local/world"
)

// invocationResult is the result of lambda:invoke: the function's reply among what the HTTP call brought.
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
func (s *Service) invocationResult(result world.Invoked, value any) any {
	headers := map[string]string{
		"Connection": "keep-alive", "Content-Length": strconv.Itoa(len(result.Payload)), "Content-Type": "application/json",
		"Date": s.w.Now().Format(http.TimeFormat), "X-Amz-Executed-Version": "$LATEST", "x-amzn-Remapped-Content-Length": "0",
		"x-amzn-RequestId": result.RequestID,
		"X-Amzn-Trace-Id":  "Root=1-" + strconv.FormatInt(s.w.Now().Unix(), 16) + "-" + s.w.Hex(24) + ";Parent=" + s.w.Hex(16) + ";Sampled=0",
	}
	single, all := map[string]any{}, map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		single[name], all[name] = headers[name], []any{headers[name]}
	}
	return map[string]any{
		"ExecutedVersion":     "$LATEST",
		"Payload":             value,
		"SdkHttpMetadata":     map[string]any{"AllHttpHeaders": all, "HttpHeaders": single, "HttpStatusCode": json.Number("200")},
		"SdkResponseMetadata": map[string]any{"RequestId": result.RequestID},
		"StatusCode":          json.Number("200"),
	}
}
