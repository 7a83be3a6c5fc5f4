package iam

import (
	"time"

	"fairlead/local/world"
)

// User is an IAM user. The embedded AWS has one: its administrator.
type User struct {
	Name    string            `json:"name"`
	ID      string            `json:"id"` // AIDA…
	ARN     string            `json:"arn"`
	Path    string            `json:"path"`
	Created time.Time         `json:"created"`
	Inline  map[string]string `json:"inline"`
}

// administrator is the name of the user who may do everything.
const administrator = "administrator"

// everything is what AWS's AdministratorAccess says.
const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// Administrator returns the access key of the world's administrator, a user who may do everything. User and key are
// made at the first call and stay the same for the life of the world.
func (s *Service) Administrator() world.Credentials {
	if _, ok := s.state.Users[administrator]; !ok {
		s.state.Users[administrator] = &User{Name: administrator, ID: "AIDA" + s.w.Alphanumeric(17), Path: "/",
			ARN: s.w.GlobalARN("iam", "user/"+administrator), Created: s.w.Now(),
			Inline: map[string]string{"AdministratorAccess": everything}}
	}
	u := s.state.Users[administrator]
	for id, k := range s.state.Keys {
		if k.Principal.UserID == u.ID {
			return world.Credentials{AccessKeyID: id, SecretAccessKey: k.Secret}
		}
	}
	id := "AKIA" + s.w.Alphanumeric(16)
	s.state.Keys[id] = &key{Secret: s.w.Hex(40), Issued: s.w.Now(), Principal: world.Principal{
		ARN: u.ARN, Account: s.w.Account, UserID: u.ID, UserName: u.Name, AccessKey: id}}
	return world.Credentials{AccessKeyID: id, SecretAccessKey: s.state.Keys[id].Secret}
}
