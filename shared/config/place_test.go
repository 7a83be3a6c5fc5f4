package config_test

import (
	"strings"
	"testing"

	"fairlead/shared/config"
)

func TestPlaceOf(t *testing.T) {
	tests := []struct {
		arn  string
		want config.Place
	}{
		{"arn:aws:lambda:eu-west-1:123456789012:function:fairlead-check-image", config.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}},
		{"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f:live", config.Place{Partition: "aws-us-gov", Region: "us-gov-west-1", Account: "123456789012"}},
	}
	for _, test := range tests {
		if got, err := config.PlaceOf(test.arn); err != nil || got != test.want {
			t.Errorf("PlaceOf(%q) = %+v, %v", test.arn, got, err)
		}
	}
	for _, arn := range []string{"", "fairlead-check-image", "arn:aws:lambda:eu-west-1:123456789012:layer:x", "arn:aws:lambda::123456789012:function:f",
		"arn:aws:lambda:eu-west-1:1234:function:f", "arn:aws:lambda:eu-west-1:123456789012:function:", "arn:aws:lambda:eu-west-1:123456789012:function:f:1:2"} {
		if got, err := config.PlaceOf(arn); err == nil {
			t.Errorf("PlaceOf(%q) = %+v, want an error", arn, got)
		}
	}
}

func TestRoleARNs(t *testing.T) {
	place := config.Place{Partition: "aws-cn", Region: "cn-north-1", Account: "123456789012"}
	s := config.Service{Name: "web", TaskRole: "arn:aws-cn:iam::123456789012:role/shop/task", ExecutionRole: "shop-execution"}
	if got := s.TaskRoleARN(place); got != "arn:aws-cn:iam::123456789012:role/shop/task" {
		t.Errorf("an ARN stays: %s", got)
	}
	if got := s.ExecutionRoleARN(place); got != "arn:aws-cn:iam::123456789012:role/shop-execution" {
		t.Errorf("a name is composed: %s", got)
	}
	if got := (config.Service{}).TaskRoleARN(place); got != "" {
		t.Errorf("no role has no ARN: %s", got)
	}
	if got := (config.Config{Prefix: "fairlead"}).StepRoleARN(place, "web", config.Look); got != "arn:aws-cn:iam::123456789012:role/fairlead-web-look" {
		t.Errorf("a step's role: %s", got)
	}
}

func FuzzPlaceOf(f *testing.F) {
	f.Add("arn:aws:lambda:eu-west-1:123456789012:function:fairlead-check-image")
	f.Add("arn:aws:lambda:eu-west-1:123456789012:function:f:live")
	f.Fuzz(func(t *testing.T, arn string) {
		place, err := config.PlaceOf(arn)
		if err != nil {
			return
		}
		if begin := "arn:" + place.Partition + ":lambda:" + place.Region + ":" + place.Account + ":function:"; !strings.HasPrefix(arn, begin) || len(place.Account) != 12 {
			t.Fatalf("%q is read as %+v", arn, place)
		}
	})
}
