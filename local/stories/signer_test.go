package stories_test

import (
	"encoding/json"
	"testing"
)

// signByAWS lets AWS Signer sign an image, attaches the signature, and returns the signing job.
func (s *story) signByAWS(word string) string {
	s.Helper()
	payload, err := json.Marshal(map[string]any{"targetArtifact": map[string]any{
		"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": s.digests[word], "size": s.size(word)}})
	if err != nil {
		s.Fatal(err)
	}
	var made struct {
		JobID     string `json:"jobId"`
		Signature []byte `json:"signature"`
	}
	s.decode(s.ask("signer", "SignPayload", map[string]any{"profileName": "shop", "payload": payload,
		"payloadFormat": "application/vnd.cncf.notary.payload.v1+json"}), &made)
	s.attach(word, "", "application/vnd.cncf.notary.signature", "application/jose+json", made.Signature, nil)
	return made.JobID
}

// TestAWSSignerVouches wants of the sample's service that its images are signed by a signing profile, and lets what it signs be
// good, revoked, and not to be asked about.
func TestAWSSignerVouches(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	root, err := s.lab.SignerRoot()
	if err != nil {
		t.Fatal(err)
	}
	deploy(t, s.lab, gatedAssembly(t, map[string]any{"signature": map[string]any{"signer": map[string]any{
		"profiles": []string{"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"}, "certificates": root}}}))
	s.ask("signer", "PutSigningProfile", map[string]any{"profileName": "shop", "platformId": "Notation-OCI-SHA384-ECDSA"})

	s.lines(s.deeds(), "push first")
	s.signByAWS("first")
	s.lines(s.deeds(), "settle")
	s.lines(s.wants(), "execution 1 Deployed\nruns first")

	s.lines(s.deeds(), "push second")
	s.ask("signer", "RevokeSignature", map[string]any{"jobId": s.signByAWS("second"), "reason": "signed by mistake"})
	s.lines(s.deeds(), "settle")
	s.lines(s.wants(), "execution 2 Rejected CheckImage ImageFit CheckSignature RecordOutcome HowItEnded Rejected\nruns first\nupdates 1\nsays 2 it was revoked: AWS Signer names arn:aws:signer:eu-west-1:123456789012:/signing-jobs/")

	s.lines(s.deeds(), "push third")
	s.signByAWS("third")
	s.lines(s.deeds(), "forbid signer:GetRevocationStatus\nsettle")
	s.lines(s.wants(), "execution 3 Failed CheckImage ImageFit CheckSignature\nruns first\nupdates 1\nsays 3 allow signer:GetRevocationStatus to role fairlead-web-look: run make deploy")
	s.lines(s.deeds(), "allow\nredrive 3\nsettle")
	s.lines(s.wants(), "executions 3\nexecution 3 Deployed\nruns third\nupdates 2")

	s.lines(s.deeds(), "push fourth\nsettle")
	s.lines(s.wants(), "execution 4 Rejected\nruns third\nsays 4 has no signature of AWS Signer by one of [arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop]")
	if t.Failed() {
		s.report()
	}
}
