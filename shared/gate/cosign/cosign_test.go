package cosign_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"fairlead/shared/gate/cosign"
	"fairlead/shared/gate/gatetest"
	"fairlead/shared/image"
)

const (
	one = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	two = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")
)

func TestVerifyPayload(t *testing.T) {
	ours, other := gatetest.NewKey(t), gatetest.NewKey(t)
	content, annotation := ours.Payload(t, one)
	foreign, foreignAnnotation := other.Payload(t, one)
	moved, movedAnnotation := ours.Payload(t, two)
	of := func(text string) (content []byte, annotation string) {
		return []byte(text), base64.StdEncoding.EncodeToString(ours.Sign(t, []byte(text)))
	}
	atomic, atomicAnnotation := of(strings.Replace(string(content), "cosign container image signature", "atomic container signature", 1))
	list, listAnnotation := of(`["` + string(one) + `"]`)
	bare, bareAnnotation := of(`{"docker-manifest-digest":"` + string(one) + `"}`)
	for name, test := range map[string]struct {
		content    []byte
		annotation string
		want       string // in the error; "" for none
	}{
		"signed":                         {content, annotation, ""},
		"by another key":                 {foreign, foreignAnnotation, "it is not signed by the key SHA256:"},
		"for another image":              {moved, movedAnnotation, "it is for another image, " + string(two)},
		"a signature of another payload": {content, movedAnnotation, "it is not signed by"},
		"changed by a blank":             {append(content, ' '), annotation, "it is not signed by"},
		"without an annotation":          {content, "", "holds no signature in base64"},
		"no base64":                      {content, "???", "holds no signature in base64"},
		"of another kind":                {atomic, atomicAnnotation, `calls itself "atomic container signature"`},
		"a list":                         {list, listAnnotation, "no JSON of the known form"},
		"without what is critical":       {bare, bareAnnotation, `calls itself ""`},
	} {
		t.Run(name, func(t *testing.T) {
			err := cosign.VerifyPayload(test.content, test.annotation, ours.Parsed(t), one)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

func TestVerifyBundle(t *testing.T) {
	ours, other := gatetest.NewKey(t), gatetest.NewKey(t)
	for name, test := range map[string]struct {
		raw  []byte
		want string
	}{
		"signed":            {ours.Bundle(t, gatetest.SignStatement(t, one)), ""},
		"by another key":    {other.Bundle(t, gatetest.SignStatement(t, one)), "it is not signed by the key"},
		"for another image": {ours.Bundle(t, gatetest.SignStatement(t, two)), "it is about " + string(two)},
	} {
		err := cosign.VerifyBundle(test.raw, ours.Parsed(t), one)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	provenance := ours.Bundle(t, gatetest.Provenance(t, one, "https://b", "https://s/x"))
	if err := cosign.VerifyBundle(provenance, ours.Parsed(t), one); !errors.Is(err, cosign.ErrOther) {
		t.Errorf("an attestation counts as a signature: %v", err)
	}
}

// FuzzVerifyPayload attacks the promise that a payload counts only if its signature does.
func FuzzVerifyPayload(f *testing.F) {
	ours, other := gatetest.NewKey(f), gatetest.NewKey(f)
	key := ours.Parsed(f)
	content, annotation := other.Payload(f, one)
	f.Add(content, annotation)
	f.Add([]byte(`{"critical":null}`), "AA==")
	f.Fuzz(func(t *testing.T, content []byte, annotation string) {
		if cosign.VerifyPayload(content, annotation, key, one) == nil {
			t.Fatalf("%q counts as signed by %q", content, annotation)
		}
	})
}
