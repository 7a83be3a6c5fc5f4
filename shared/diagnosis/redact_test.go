package diagnosis_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"fairlead/shared/diagnosis"
)

func TestLogLineHidesSecrets(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"a password in a variable", "DB_PASSWORD=hunter2 port=5432", "DB_PASSWORD=[redacted] port=5432"},
		{"a password in quotes", `password: "hunter2 and more" next`, `password: [redacted] next`},
		{"a JSON key", `{"user":"web","dbPassword":"hun\"ter2","port":1}`, `{"user":"web","dbPassword":"[redacted]","port":1}`},
		{"a JSON key with a list", `{"Cookie":["a=]","id=hunter2"],"password": [ "hunter2" ],"port":1}`, `{"Cookie":"[redacted]","password": "[redacted]","port":1}`},
		{"a JSON key within a text of JSON", `{"msg":"login {\"apiKey\": \"hun ter2\", \"x\":1}"}`, `{"msg":"login {\"apiKey\": \"[redacted]\", \"x\":1}"}`},
		{"one whose value holds a quote", `{"msg":"{\"password\":\"hun\\\"ter2\",\"x\":1}"}`, `{"msg":"{\"password\":\"[redacted]\",\"x\":1}"}`},
		{"one that is a number", `{"msg":"{\"token\":12345678,\"x\":1}"}`, `{"msg":"{\"token\":\"[redacted]\",\"x\":1}"}`},
		{"a variable at the beginning of a text of JSON", `{"msg":"DB_PASSWORD=hunter2 port=5432"}`, `{"msg":"DB_PASSWORD=[redacted] port=5432"}`},
		{"a variable in quotes", `env "DB_PASSWORD=hunter2"`, `env "DB_PASSWORD=[redacted]"`},
		{"a variable in quotes within a text of JSON", `{"msg":"env \"DB_PASSWORD=hunter2\" x"}`, `{"msg":"env \"DB_PASSWORD=[redacted]\" x"}`},
		{"an access key", "using AKIAIOSFODNN7EXAMPLE now", "using [redacted] now"},
		{"a secret access key", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = [redacted]"},
		{"a secret access key alone", "key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.", "key [redacted]."},
		{"a line of a private key", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC/KcwggSjAgEAAoIBAQC7VJTUt9Us8cKj/", "[redacted]"},
		{"a JSON web token", "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_d", "got [redacted]"},
		{"a bearer", "Authorization: Bearer abcdefgh12345678", "Authorization: [redacted] [redacted]"},
		{"a URL with a password", "dial postgres://web:hunter2@db:5432/shop", "dial postgres://[redacted]@db:5432/shop"},
		{"a signed URL", "GET https://b.s3.amazonaws.com/k?X-Amz-Signature=abc&x=1", "GET https://b.s3.amazonaws.com/k?X-Amz-Signature=[redacted]&x=1"},
		{"a token that says whose it is", "use ghp_16C7e42F292c6912E7710c838347Ae178B4a", "use [redacted]"},
		{"a long run of letters and digits", "key 0123456789abcdef0123456789abcdef01234567 end", "key [redacted] end"},
		{"not the digest of an image", "image web@sha256:28402db69fec7c17e179ea87882667f1e054391138f77ffaf0c3eb388efc3ffb", "image web@sha256:28402db69fec7c17e179ea87882667f1e054391138f77ffaf0c3eb388efc3ffb"},
		{"not a path", "open /var/lib/some/very/long/path/with/many/parts/of/2026/config.yaml", "open /var/lib/some/very/long/path/with/many/parts/of/2026/config.yaml"},
		{"not the ARN of a secret", "read arn:aws:secretsmanager:eu-west-1:123456789012:secret:db", "read arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"},
		{"not the word alone", "password authentication failed for user web", "password authentication failed for user web"},
		{"control characters", "a\x00b\x1b[31mred\x1b[0m\tc\r\nd\x1b]0;title\x07e", "abred c  de"},
		{"direction marks", "user\u202egnp.exe\u2066\u200b\ufeff", "usergnp.exe"},
		{"what is not UTF-8", "a\xff\xfeb", "a?b"},
		{"a long line", strings.Repeat("ä ", 150), strings.Repeat("ä ", 65) + "ä…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := diagnosis.LogLine(tt.line); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAPrivateKeyIsHiddenToItsLastLine(t *testing.T) {
	log := []string{"reading", "-----BEGIN RSA PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED", strings.Repeat("aB3/", 16), "c2hvcnQ=", "-----END RSA PRIVATE KEY-----", "panic"}
	got := strings.Join(diagnosis.Classify(diagnosis.Evidence{Tasks: []diagnosis.Task{ended(1, "")}, LogOf: "app", Log: log}).Evidence, "\n")
	if strings.Contains(got, "aB3") || strings.Contains(got, "c2hvcnQ") || !strings.Contains(got, "reading") || !strings.Contains(got, "panic") {
		t.Error(got)
	}
}

func FuzzLogLine(f *testing.F) {
	for _, seed := range []string{"", "password=x", `{"token":"x`, "http://a:b@c", `{"a":"\"token\":[\"x\\\"`, `"token":["]`, `"pwd=\"a`, "eyJa.b", "\x1b[", "\x1b]8;;", "bearer bearer abcdefghijk", "secret: secret: secret", strings.Repeat("a1", 120), "é\u0301\u202e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, clean := range map[string]func(string) string{
			"LogLine": diagnosis.LogLine,
			"Line":    func(s string) string { return diagnosis.Line(s, 200) },
		} {
			got := clean(text)
			if again := clean(got); again != got {
				t.Errorf("%s twice: %q, then %q", name, got, again)
			}
			if len(got) > 200 || !utf8.ValidString(got) {
				t.Errorf("%s: %d bytes, valid %v: %q", name, len(got), utf8.ValidString(got), got)
			}
			if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s leaves what cannot be shown: %q", name, got)
			}
		}
		d := diagnosis.Classify(diagnosis.Evidence{Rollout: text, Log: []string{text}, LogOf: text, Events: []string{text}, Tasks: []diagnosis.Task{ended(1, text)}})
		if d.What == "" || d.Fix == "" || len(d.What) > 600 || len(d.Fix) > 600 || len(d.Evidence) > 30 {
			t.Errorf("%+v", d)
		}
	})
}
