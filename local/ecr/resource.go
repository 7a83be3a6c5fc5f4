package ecr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"fairlead/local/world"
)

// repositoryType is the one CloudFormation type that ECR provides here.
const repositoryType = "AWS::ECR::Repository"

// declared are the properties of the type. Source:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
type declared struct {
	RepositoryName                     string
	ImageTagMutability                 string
	ImageTagMutabilityExclusionFilters []struct {
		Type  string `json:"ImageTagMutabilityExclusionFilterType"`
		Value string `json:"ImageTagMutabilityExclusionFilterValue"`
	}
	ImageScanningConfiguration struct{ ScanOnPush bool }
	LifecyclePolicy            struct{ LifecyclePolicyText, RegistryId string }
	RepositoryPolicyText       json.RawMessage
	EmptyOnDelete              bool
	EncryptionConfiguration    *struct{ EncryptionType, KmsKey string }
	Tags                       []tagPair
}

// ResourceTypes implements [world.Provider].
func (s *Service) ResourceTypes() []string { return []string{repositoryType} }

// Declare implements [world.Provider]. Ref is the repository's name. A property that is not known is an error, and so
// is another name for a repository that exists, which CloudFormation would replace.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	in, err := s.readDeclared(d)
	if err != nil {
		return world.Resource{}, fmt.Errorf("%s %s: %w", d.Type, d.LogicalID, err)
	}
	repository, err := s.bring(d, in)
	if err != nil {
		return world.Resource{}, fmt.Errorf("%s %s: %w", d.Type, d.LogicalID, err)
	}
	return world.Resource{ID: repository.Name,
		Attributes: map[string]any{"Arn": s.arn(repository.Name), "RepositoryUri": s.uri(repository.Name)}}, nil
}

func (s *Service) readDeclared(d world.Declared) (declared, error) {
	var in declared
	if d.Type != repositoryType {
		return in, s.notImplemented("the resource type " + d.Type)
	}
	if len(bytes.TrimSpace(d.Properties)) > 0 {
		read := json.NewDecoder(bytes.NewReader(d.Properties))
		read.DisallowUnknownFields()
		if err := read.Decode(&in); err != nil {
			return in, err
		}
	}
	if in.EncryptionConfiguration != nil && in.EncryptionConfiguration.EncryptionType != "AES256" {
		return in, s.notImplemented("encryption by " + in.EncryptionConfiguration.EncryptionType)
	}
	if text := in.LifecyclePolicy.LifecyclePolicyText; text != "" {
		if err := checkLifecycle(text); err != nil {
			return in, err
		}
	}
	return in, checkPolicy(in.RepositoryPolicyText)
}

// checkPolicy refuses a repository policy that denies: it is not evaluated, and so would allow what AWS denies.
func checkPolicy(raw json.RawMessage) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var policy struct {
		Statement json.RawMessage
	}
	if err := json.Unmarshal(raw, &policy); err != nil {
		return invalid("RepositoryPolicyText", "must be a policy: "+err.Error())
	}
	var list []struct{ Effect string }
	if err := json.Unmarshal(policy.Statement, &list); err != nil {
		list = make([]struct{ Effect string }, 1)
		if err := json.Unmarshal(policy.Statement, &list[0]); err != nil {
			return invalid("RepositoryPolicyText", "must have statements: "+err.Error())
		}
	}
	for _, statement := range list {
		if statement.Effect != "Allow" {
			return &world.Error{Code: "NotImplemented", Status: 501,
				Message: "Fairlead's embedded ECR does not evaluate repository policies, and so takes none that denies"}
		}
	}
	return nil
}

// bring creates the repository, or brings it in line.
func (s *Service) bring(d world.Declared, in declared) (*Repository, error) {
	m := Mutability{Setting: in.ImageTagMutability}
	for _, filter := range in.ImageTagMutabilityExclusionFilters {
		m.Exclusions = append(m.Exclusions, ExclusionFilter{filter.Type, filter.Value})
	}
	m, err := m.check()
	if err != nil {
		return nil, err
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	repository, err := s.declaredRepository(d, in)
	if err != nil {
		return nil, err
	}
	repository.Mutability, repository.Tags = m, tags
	repository.ScanOnPush = in.ImageScanningConfiguration.ScanOnPush
	repository.Lifecycle, repository.Policy = in.LifecyclePolicy.LifecyclePolicyText, in.RepositoryPolicyText
	repository.EmptyOnDelete = in.EmptyOnDelete
	return repository, nil
}

func (s *Service) declaredRepository(d world.Declared, in declared) (*Repository, error) {
	if repository := s.state.Repositories[d.ID]; repository != nil {
		if in.RepositoryName != "" && in.RepositoryName != d.ID {
			return nil, s.notImplemented("the replacement of the repository " + d.ID + " by " + in.RepositoryName)
		}
		return repository, nil
	}
	name := in.RepositoryName
	if name == "" {
		name = strings.ToLower(s.w.GeneratedName(d))
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	return s.create(createRepositoryInput{target: target{RepositoryName: name}})
}

// Withdraw implements [world.Provider]. A repository with images is removed only if it was declared EmptyOnDelete.
func (s *Service) Withdraw(_, id string) error {
	repository := s.state.Repositories[id]
	if repository == nil {
		return nil
	}
	return s.drop(repository, repository.EmptyOnDelete)
}
