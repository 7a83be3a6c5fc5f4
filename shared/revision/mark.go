package revision

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The tags that every revision of ours has.
const (
	// TagExecution names the execution that registered the revision: its ARN, if a tag can hold it.
	TagExecution = "fairlead:execution"
	// TagSequence is the sequence of the claim under which it did.
	TagSequence = "fairlead:sequence"
	// TagBase is the number of the revision that the service ran, in the same family.
	TagBase = "fairlead:base"
	// TagCopied is the number of the revision that was copied. It is there only where that is not the one of TagBase.
	TagCopied = "fairlead:copied"
)

// Mark is what our tags say of a revision. The zero Mark is that of a revision that no execution of ours made.
type Mark struct {
	Execution string // as [ExecutionTag] writes it
	Sequence  int64
	Base      int
	Copied    int // 0 if the base was copied
}

// MarkOf reads our tags. A revision without the tag of an execution, or with tags that cannot be read, is not ours.
func MarkOf(tags []types.Tag) Mark {
	values := map[string]string{}
	for _, tag := range tags {
		values[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	sequence, errSequence := strconv.ParseInt(values[TagSequence], 10, 64)
	base, errBase := strconv.Atoi(values[TagBase])
	if values[TagExecution] == "" || errSequence != nil || errBase != nil {
		return Mark{}
	}
	copied, err := strconv.Atoi(values[TagCopied])
	if err != nil || copied == base {
		copied = 0
	}
	return Mark{Execution: values[TagExecution], Sequence: sequence, Base: base, Copied: copied}
}

// Source is the number of the revision that was copied, 0 for a revision that is not ours.
func (m Mark) Source() int {
	if m.Copied > 0 {
		return m.Copied
	}
	return m.Base
}

// Ours says whether an execution of ours made the revision.
func (m Mark) Ours() bool { return m.Execution != "" }

// MadeBy says whether this execution made the revision.
func (m Mark) MadeBy(executionARN string) bool {
	return m.Ours() && m.Execution == ExecutionTag(executionARN)
}

// tags are the mark as tags.
func (m Mark) tags() []types.Tag {
	tags := []types.Tag{
		{Key: aws.String(TagExecution), Value: aws.String(m.Execution)},
		{Key: aws.String(TagSequence), Value: aws.String(strconv.FormatInt(m.Sequence, 10))},
		{Key: aws.String(TagBase), Value: aws.String(strconv.Itoa(m.Base))},
	}
	if m.Copied > 0 {
		tags = append(tags, types.Tag{Key: aws.String(TagCopied), Value: aws.String(strconv.Itoa(m.Copied))})
	}
	return tags
}

// ExecutionTag is the value of [TagExecution]: the execution's ARN, or 16 hexadecimal digits of its SHA-256 if a tag
// cannot hold it. A tag's value has at most 256 characters: letters, digits, blanks and + - = . _ : / @
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html); an execution's name may have others.
func ExecutionTag(executionARN string) string {
	forbidden := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+-=._:/@", r)
	}
	if strings.ContainsFunc(executionARN, forbidden) || utf8.RuneCountInString(executionARN) > 256 || !utf8.ValidString(executionARN) {
		sum := sha256.Sum256([]byte(executionARN))
		return "sha256:" + hex.EncodeToString(sum[:8])
	}
	return executionARN
}
