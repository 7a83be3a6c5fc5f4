package ecr

import (
	"maps"
	"slices"
	"time"

	"fairlead/local/world"
)

// maxTags is how many tags a resource can have.
const maxTags = 50

type scanning struct {
	ScanOnPush bool `json:"scanOnPush"`
}

type encryption struct {
	EncryptionType string `json:"encryptionType"`
	KMSKey         string `json:"kmsKey,omitempty"`
}

type tagPair struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type repositoryView struct {
	ARN        string       `json:"repositoryArn"`
	RegistryID string       `json:"registryId"`
	Name       string       `json:"repositoryName"`
	URI        string       `json:"repositoryUri"`
	CreatedAt  *world.Epoch `json:"createdAt"`
	Mutability
	Scanning   scanning   `json:"imageScanningConfiguration"`
	Encryption encryption `json:"encryptionConfiguration"`
}

func (s *Service) view(r *Repository) repositoryView {
	return repositoryView{ARN: s.arn(r.Name), RegistryID: s.w.Account, Name: r.Name, URI: s.uri(r.Name),
		CreatedAt: world.EpochOf(r.CreatedAt), Mutability: r.Mutability, Scanning: scanning{r.ScanOnPush},
		Encryption: encryption{EncryptionType: "AES256"}}
}

func (s *Service) uri(name string) string { return s.host() + "/" + name }

func (s *Service) here(r *Repository) target { return target{s.w.Account, r.Name} }

type repositoryReply struct {
	Repository repositoryView `json:"repository"`
}

type createRepositoryInput struct {
	target
	Mutability
	Tags       []tagPair   `json:"tags"`
	Scanning   scanning    `json:"imageScanningConfiguration"`
	Encryption *encryption `json:"encryptionConfiguration"`
}

func (s *Service) createRepository(c *world.Call, in createRepositoryInput) (repositoryReply, error) {
	if err := s.mayCreate(c, in); err != nil {
		return repositoryReply{}, err
	}
	repository, err := s.create(in)
	if err != nil {
		return repositoryReply{}, err
	}
	return repositoryReply{s.view(repository)}, nil
}

func (s *Service) mayCreate(c *world.Call, in createRepositoryInput) error {
	if err := checkName(in.RepositoryName); err != nil {
		return err
	}
	k := world.Keys{}
	for _, tag := range in.Tags {
		k["aws:RequestTag/"+tag.Key] = []string{tag.Value}
		k["aws:TagKeys"] = append(k["aws:TagKeys"], tag.Key)
	}
	if err := c.Authorize("ecr:CreateRepository", s.arn(in.RepositoryName), k); err != nil {
		return err
	}
	if len(in.Tags) > 0 {
		return c.Authorize("ecr:TagResource", s.arn(in.RepositoryName), k)
	}
	return nil
}

// create makes a repository, whoever asks.
func (s *Service) create(in createRepositoryInput) (*Repository, error) {
	if registry, err := s.registry(in.RegistryID); err != nil || registry != s.w.Account {
		return nil, invalid("registryId", "must be the account that calls")
	}
	m, err := in.check()
	if err != nil {
		return nil, err
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	if in.Encryption != nil && in.Encryption.EncryptionType != "AES256" {
		return nil, s.notImplemented("encryption by " + in.Encryption.EncryptionType)
	}
	if s.state.Repositories[in.RepositoryName] != nil {
		return nil, world.Errorf("RepositoryAlreadyExistsException",
			"The repository with name '%s' already exists in the registry with id '%s'", in.RepositoryName, s.w.Account)
	}
	repository := &Repository{Name: in.RepositoryName, CreatedAt: s.w.Now().Truncate(time.Millisecond), Mutability: m,
		ScanOnPush: in.Scanning.ScanOnPush, Tags: tags,
		Images: map[string]*Image{}, Tagged: map[string]string{}, Layers: map[string]*Layer{}}
	s.state.Repositories[repository.Name] = repository
	return repository, nil
}

func tagMap(pairs []tagPair) (map[string]string, error) {
	if len(pairs) > maxTags {
		return nil, world.Errorf("TooManyTagsException", "The list of tags on the repository is over the limit of %d", maxTags)
	}
	tags := map[string]string{}
	for _, tag := range pairs {
		if _, twice := tags[tag.Key]; twice || len(tag.Key) == 0 || len(tag.Key) > 128 || len(tag.Value) > 256 {
			return nil, world.Errorf("InvalidTagParameterException",
				"the tag key %q must come once and have 1 to 128 characters, its value at most 256", tag.Key)
		}
		tags[tag.Key] = tag.Value
	}
	return tags, nil
}

type describeRepositoriesInput struct {
	RegistryID string   `json:"registryId"`
	Names      []string `json:"repositoryNames"`
	page
}

type describeRepositoriesOutput struct {
	Repositories []repositoryView `json:"repositories"`
	NextToken    string           `json:"nextToken,omitempty"`
}

func (s *Service) describeRepositories(c *world.Call, in describeRepositoriesInput) (describeRepositoriesOutput, error) {
	if len(in.Names) > 0 {
		return s.describeNamed(c, in)
	}
	out := describeRepositoriesOutput{Repositories: []repositoryView{}}
	registry, err := s.registry(in.RegistryID)
	if err != nil {
		return out, err
	}
	if err := c.Authorize("ecr:DescribeRepositories", s.arnIn(registry, "*"), nil); err != nil {
		return out, err
	}
	var names []string
	if registry == s.w.Account {
		names = slices.Sorted(maps.Keys(s.state.Repositories))
	}
	names, out.NextToken, err = in.cut(names)
	for _, name := range names {
		out.Repositories = append(out.Repositories, s.view(s.state.Repositories[name]))
	}
	return out, err
}

func (s *Service) describeNamed(c *world.Call, in describeRepositoriesInput) (describeRepositoriesOutput, error) {
	out := describeRepositoriesOutput{Repositories: []repositoryView{}}
	if len(in.Names) > 100 || in.MaxResults != nil || in.NextToken != "" {
		return out, invalid("repositoryNames", "at most 100 names, and neither maxResults nor nextToken with them")
	}
	for _, name := range in.Names {
		repository, err := s.enter(c, "ecr:DescribeRepositories", target{in.RegistryID, name})
		if err != nil {
			return describeRepositoriesOutput{}, err
		}
		out.Repositories = append(out.Repositories, s.view(repository))
	}
	return out, nil
}

type deleteRepositoryInput struct {
	target
	Force bool `json:"force"`
}

func (s *Service) deleteRepository(c *world.Call, in deleteRepositoryInput) (repositoryReply, error) {
	repository, err := s.enter(c, "ecr:DeleteRepository", in.target)
	if err != nil {
		return repositoryReply{}, err
	}
	return repositoryReply{s.view(repository)}, s.drop(repository, in.Force)
}

// drop removes the repository; its images too if force.
func (s *Service) drop(r *Repository, force bool) error {
	if len(r.Images) > 0 && !force {
		return world.Errorf("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' "+
			"cannot be deleted because it still contains images", r.Name, s.w.Account)
	}
	for _, id := range slices.Sorted(maps.Keys(s.state.Uploads)) {
		if s.state.Uploads[id].Repository == r.Name {
			s.forget(id)
		}
	}
	delete(s.state.Repositories, r.Name)
	return nil
}

type scanningIO struct {
	target
	Scanning *scanning `json:"imageScanningConfiguration"`
}

func (s *Service) putImageScanningConfiguration(c *world.Call, in scanningIO) (scanningIO, error) {
	repository, err := s.enter(c, "ecr:PutImageScanningConfiguration", in.target)
	if err != nil {
		return scanningIO{}, err
	}
	if in.Scanning == nil {
		return scanningIO{}, invalid("imageScanningConfiguration", "Member must not be null")
	}
	repository.ScanOnPush = in.Scanning.ScanOnPush
	return scanningIO{s.here(repository), in.Scanning}, nil
}
