package signature_test

import (
	"strings"
	"testing"

	"fairlead/shared/gate/signature"
)

const layer = `{"mediaType":"text/plain","size":3,"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111","annotations":{"a":"b"}}`

func TestParseArtifact(t *testing.T) {
	got, err := signature.ParseArtifact([]byte(`{"schemaVersion":2,"layers":[` + layer + `],"annotations":{"c":"d"}}`))
	if err != nil || len(got.Layers) != 1 || got.Layers[0].Size != 3 || got.Layers[0].Annotations["a"] != "b" || got.Annotations["c"] != "d" {
		t.Errorf("%+v, %v", got, err)
	}
	for name, test := range map[string]struct{ content, want string }{
		"nothing":         {``, "no JSON"},
		"a list":          {`[]`, "no JSON"},
		"an index":        {`{"schemaVersion":2,"manifests":[]}`, "no layers"},
		"another schema":  {`{"schemaVersion":1,"layers":[` + layer + `]}`, "no layers"},
		"a null layer":    {`{"schemaVersion":2,"layers":[null]}`, "layers[0]"},
		"a broken digest": {`{"schemaVersion":2,"layers":[` + layer + `,` + strings.Replace(layer, "sha256:1", "sha256:g", 1) + `]}`, "layers[1]"},
		"a negative size": {`{"schemaVersion":2,"layers":[` + strings.Replace(layer, `"size":3`, `"size":-1`, 1) + `]}`, "its size is -1"},
		"too many layers": {`{"schemaVersion":2,"layers":[` + layer + strings.Repeat(","+layer, 50) + `]}`, "51 layers, at most 50"},
	} {
		if _, err := signature.ParseArtifact([]byte(test.content)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// FuzzParseArtifact attacks the promise that what is parsed can be fetched: layers, not too many, each with a digest.
func FuzzParseArtifact(f *testing.F) {
	f.Add([]byte(`{"schemaVersion":2,"layers":[` + layer + `]}`))
	f.Add([]byte(`{"schemaVersion":2,"layers":[null],"annotations":null}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := signature.ParseArtifact(content)
		if err != nil {
			return
		}
		if len(a.Layers) == 0 || len(a.Layers) > 50 {
			t.Fatalf("%d layers", len(a.Layers))
		}
		for _, l := range a.Layers {
			if len(l.Digest) != 71 || l.Size < 0 {
				t.Fatalf("%+v", l)
			}
		}
	})
}
