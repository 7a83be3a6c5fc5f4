package main

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// What CloudFormation fills in. Texts that hold these are written into the template as Fn::Sub, which reads as the ARN
// that it becomes.
const (
	partition = "${AWS::Partition}"
	region    = "${AWS::Region}"
	account   = "${AWS::AccountId}"
	suffix    = "${AWS::URLSuffix}"
)

var (
	oneAttribute = regexp.MustCompile(`^\$\{([A-Za-z0-9]+)\.([A-Za-z0-9.]+)\}$`)
	oneReference = regexp.MustCompile(`^\$\{([A-Za-z0-9:]+)\}$`)
)

// sub returns text as the value of a template property of any type: as it is if there is nothing to fill in, as
// Fn::GetAtt or Ref if that is all that it says, and otherwise as Fn::Sub.
func sub(text string) any {
	if m := oneAttribute.FindStringSubmatch(text); m != nil {
		return map[string]any{"Fn::GetAtt": []any{m[1], m[2]}}
	}
	if m := oneReference.FindStringSubmatch(text); m != nil {
		return map[string]any{"Ref": m[1]}
	}
	if strings.Contains(text, "${") {
		return map[string]any{"Fn::Sub": text}
	}
	return text
}

// subs is [sub] for each of the texts.
func subs(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = sub(text)
	}
	return values
}

// text is [sub] for the properties that the CDK types as a string.
func text(s string) *string { return awscdk.Token_AsString(sub(s), nil) }

// arn composes an ARN of this region and account: arn("states", "stateMachine:fairlead").
func arn(service, resource string) string {
	return "arn:" + partition + ":" + service + ":" + region + ":" + account + ":" + resource
}

// accountRoot is the principal that stands for the whole account.
const accountRoot = "arn:" + partition + ":iam::" + account + ":root"

// attribute is the text by which a template names an attribute of one of its own resources.
func attribute(logicalID, name string) string { return "${" + logicalID + "." + name + "}" }

var separators = regexp.MustCompile(`[^A-Za-z0-9]+`)

// title turns the name of a service or a repository into a part of a logical id: shop/web-api becomes ShopWebApi.
func title(name string) string {
	var b strings.Builder
	for _, word := range separators.Split(name, -1) {
		first, size := utf8.DecodeRuneInString(word)
		if size > 0 {
			b.WriteRune(unicode.ToUpper(first))
			b.WriteString(word[size:])
		}
	}
	return b.String()
}

var innerCapital = regexp.MustCompile(`([a-z])([A-Z])`)

// kebab turns a title into a part of a name: DeadLetters becomes dead-letters.
func kebab(title string) string {
	return strings.ToLower(innerCapital.ReplaceAllString(title, "$1-$2"))
}
