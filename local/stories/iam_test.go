package stories_test

import (
	"encoding/json"

	"fairlead/local/world"
)

// What an administrator does to the roles.

func (s *story) deny(args []string) error {
	return s.iam("PutRolePolicy", map[string]any{"RoleName": args[0], "PolicyName": "denied", "PolicyDocument": document(map[string]any{
		"Effect": "Deny", "Action": args[1:], "Resource": "*"})})
}

func (s *story) undeny(args []string) error {
	return s.iam("DeleteRolePolicy", map[string]any{"RoleName": args[0], "PolicyName": "denied"})
}

func (s *story) distrust(args []string) error {
	return s.iam("UpdateAssumeRolePolicy", map[string]any{"RoleName": args[0], "PolicyDocument": document(map[string]any{
		"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": map[string]string{"Service": "ecs-tasks.amazonaws.com"}})})
}

func document(statement map[string]any) string {
	raw, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}})
	return string(raw)
}

// iam calls IAM as the administrator.
func (s *story) iam(operation string, in map[string]any) error {
	_, err := s.administer("iam", operation, in)
	return err
}

// administer calls AWS as the administrator, past what meddles with calls, and returns the answer as JSON.
func (s *story) administer(service, operation string, in map[string]any) (string, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	var out any
	keys := s.lab.Administrator()
	s.lab.Core.Do(func(w *world.World) {
		secret, _ := s.lab.IAM.Secret(keys.AccessKeyID)
		out, err = w.Call(world.Request{Service: service, Operation: operation, Principal: secret.Principal, Body: body})
	})
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(out)
	return string(raw), err
}
