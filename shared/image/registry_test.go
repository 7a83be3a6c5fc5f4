package image_test

import (
	"testing"

	"fairlead/shared/image"
)

func TestPinIn(t *testing.T) {
	const uri, digest = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web", image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	for now, want := range map[string]string{
		uri + ":latest": uri,
		"123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com/shop/web@sha256:2222222222222222222222222222222222222222222222222222222222222222": "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com/shop/web",
		"123456789012.dkr-ecr.eu-west-1.on.aws/shop/web:v1":             "123456789012.dkr-ecr.eu-west-1.on.aws/shop/web",
		"123456789012.dkr-ecr-fips.eu-west-1.on.aws/shop/web":           "123456789012.dkr-ecr-fips.eu-west-1.on.aws/shop/web",
		"123456789012.dkr-ecr.eu-west-1.on.aws/shop/webs:v1":            uri,
		"123456789012.dkr-ecr.eu-west-2.on.aws/shop/web:v1":             uri,
		"210987654321.dkr.ecr-fips.eu-west-1.amazonaws.com/shop/web:v1": uri,
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil/shop/web:v1": uri,
		"proxy.example.com/shop/web:v1":                                 uri,
		"nginx":                                                         uri,
		"not a name":                                                    uri,
	} {
		if got := image.PinIn(now, uri, digest).String(); got != want+"@"+string(digest) {
			t.Errorf("%s: got %s", now, got)
		}
	}
	const china = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/shop/web"
	if ref, _ := image.ParseReference("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn/shop/web:v1"); !ref.In(china) || ref.In(uri) {
		t.Error("in China")
	}
}
