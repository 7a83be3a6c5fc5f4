package ecr_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"fairlead/local/ecr/ecrtest"
)

func TestPartsOfALayer(t *testing.T) {
	const five = 5 << 20
	for name, c := range map[string]struct {
		parts []int  // sizes
		at    []int  // where each begins
		want  string // the code of the call that fails
	}{
		"one small part":             {parts: []int{3}, at: []int{0}},
		"a large and a small part":   {parts: []int{five, 3}, at: []int{0, five}},
		"a small part in the middle": {parts: []int{3, 3}, at: []int{0, 3}, want: "LayerPartTooSmallException"},
		"a part that leaves a gap":   {parts: []int{five, 3}, at: []int{0, five + 1}, want: "InvalidLayerPartException"},
		"a part twice":               {parts: []int{five, five}, at: []int{0, 0}, want: "InvalidLayerPartException"},
		"no part":                    {want: "EmptyUploadException"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ecrtest.New(t)
			w.Create(t, "shop/web", "MUTABLE")
			err := upload(t, w, c.parts, c.at)
			if code(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func upload(t *testing.T, w *ecrtest.World, parts, at []int) error {
	t.Helper()
	var begun struct {
		ID string `json:"uploadId"`
	}
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &begun)
	whole := ""
	for i, size := range parts {
		content := strings.Repeat("x", size)
		whole += content
		err := w.Call("admin", "UploadLayerPart", fmt.Sprintf(`{%s,"uploadId":%q,"partFirstByte":%d,"partLastByte":%d,"layerPartBlob":%q}`,
			repo, begun.ID, at[i], at[i]+size-1, base64.StdEncoding.EncodeToString([]byte(content))), nil)
		if err != nil {
			return err
		}
	}
	return w.Call("admin", "CompleteLayerUpload", fmt.Sprintf(`{%s,"uploadId":%q,"layerDigests":[%q]}`, repo, begun.ID, digestOf(whole)), nil)
}

func TestAPartWithoutBytesIsRefused(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	var begun struct {
		ID string `json:"uploadId"`
	}
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &begun)
	err := w.Call("admin", "UploadLayerPart", fmt.Sprintf(`{%s,"uploadId":%q,"partFirstByte":0,"partLastByte":9}`, repo, begun.ID), nil)
	if code(err) != "InvalidParameterException" {
		t.Errorf("got %v", err)
	}
}

func TestAWrongLayerDigestIsRefused(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	var begun struct {
		ID string `json:"uploadId"`
	}
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &begun)
	w.Must(t, "UploadLayerPart", fmt.Sprintf(`{%s,"uploadId":%q,"partFirstByte":0,"partLastByte":0,"layerPartBlob":"eA=="}`, repo, begun.ID), nil)
	err := w.Call("admin", "CompleteLayerUpload", fmt.Sprintf(`{%s,"uploadId":%q,"layerDigests":[%q]}`, repo, begun.ID, digestOf("y")), nil)
	if code(err) != "InvalidLayerException" {
		t.Errorf("got %v", err)
	}
	if got := available(t, w, digestOf("x")); got != "UNAVAILABLE" {
		t.Errorf("the layer is %s", got)
	}
}

func available(t *testing.T, w *ecrtest.World, digest string) string {
	t.Helper()
	var out struct {
		Layers []struct {
			Availability string `json:"layerAvailability"`
		} `json:"layers"`
	}
	w.Must(t, "BatchCheckLayerAvailability", `{`+repo+`,"layerDigests":["`+digest+`"]}`, &out)
	return out.Layers[0].Availability
}
