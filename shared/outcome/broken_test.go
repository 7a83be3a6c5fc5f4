package outcome

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFailureTellsWhetherTheServiceWasTouched(t *testing.T) {
	lambda := func(message string) string {
		b, _ := json.Marshal(map[string]string{"errorMessage": message, "errorType": "x"})
		return string(b)
	}
	tests := []struct {
		name     string
		document string
		broke    Break
		want     Touched
		says     []string
	}{
		{name: "failed in CheckImage", document: input, broke: Break{Status: "FAILED", State: "CheckImage", Fault: Fault{Error: "Service.NotFound", Cause: lambda("no such service. Fix: create it")}}, want: Untouched,
			says: []string{"failed in state CheckImage. The service was not touched.", "\nno such service\nCreate it. Then redrive the execution: it goes on in CheckImage."}},
		{name: "failed with a fix that says to redrive", document: claimed, broke: Break{Status: "FAILED", State: "RegisterRevision", Fault: Fault{Error: "Permission.Denied", Cause: lambda("denied. Fix: grant it; then redrive the execution")}}, want: Untouched,
			says: []string{"\ndenied\nGrant it; then redrive the execution. The redrive goes on in RegisterRevision."}},
		{name: "failed in RegisterRevision", document: claimed, broke: Break{Status: "FAILED", State: "RegisterRevision", Fault: Fault{Error: "Permission.Denied", Cause: lambda("iam:PassRole")}}, want: Untouched},
		{name: "failed in RegisterRevision because the base keeps moving", document: revised + `,"update":{"decision":"baseMoved","at":"2026-11-23T12:00:00Z"}`, broke: Break{Status: "FAILED", State: "RegisterRevision", Fault: Fault{Error: "Service.BaseKeepsMoving", Cause: lambda("it moved. Fix: find out who, then start a new execution with the same input")}}, want: Untouched,
			says: []string{"\nit moved\nFind out who, then start a new execution with the same input. A redrive would only fail again."}},
		{name: "a dry run that failed", document: `"service":"web","dryRun":true`, broke: Break{Status: "FAILED", State: "CheckImage", Fault: Fault{Error: "Service.RoleUnusable"}}, want: Untouched,
			says: []string{"The dry run for service web failed in state CheckImage. The service was not touched."}},
		{name: "the update was denied", document: revised, broke: Break{Status: "FAILED", State: "UpdateService", Fault: Fault{Error: "Permission.Denied", Cause: lambda("not authorized to perform: iam:PassRole on resource: role")}}, want: Untouched, says: []string{"was not touched", "it goes on in UpdateService"}},
		{name: "the update was refused", document: revised, broke: Break{Status: "FAILED", State: "UpdateService", Fault: Fault{Error: "Service.UpdateRefused"}}, want: Untouched},
		{name: "something after the update was denied", document: revised, broke: Break{Status: "FAILED", State: "UpdateService", Fault: Fault{Error: "Permission.Denied", Cause: lambda("not authorized to perform: dynamodb:GetItem")}}, want: MaybeTouched, says: []string{"is not known", "web:42"}},
		{name: "stopped while it updated", document: revised, broke: Break{Status: "ABORTED", State: "UpdateService"}, want: MaybeTouched, says: []string{"was stopped by a person in state UpdateService", "If it shall go on, redrive"}},
		{name: "stopped while it waited", document: updated, broke: Break{Status: "ABORTED", State: "AwaitRollout"}, want: WasTouched, says: []string{"had been pointed at web:42", "or else the sweep"}},
		{name: "taken out of the configuration while it waited", document: updated, broke: Break{Status: "FAILED", State: "JudgeRollout", Fault: Fault{Error: "Config.UnknownService",
			Cause: lambda(`no service "web" is configured; there are api. Fix: add the service under context.fairlead.services in cdk.json, run make deploy and redrive the execution`)}}, want: WasTouched,
			says: []string{"had been pointed at web:42", "nobody follows it, for the sweep looks at the configured services alone.", "run make deploy and redrive the execution. The redrive goes on in JudgeRollout."}},
		{name: "stopped on the way back", document: updated + judged("failed", "") + `,"rollback":{"decision":"begun","reason":"the service was pointed at web:41 again"}`, broke: Break{Status: "ABORTED", State: "AwaitRollback"}, want: WasTouched,
			says: []string{"on its way back: the service was pointed at web:41 again. ECS goes on with that; a redrive follows it, and nothing else does."}},
		{name: "timed out while it waited", document: updated, broke: Break{Status: "TIMED_OUT", State: "AwaitRollout", Fault: Fault{Error: "States.Timeout"}}, want: WasTouched, says: []string{"took longer than an execution may"}},
		{name: "failed while it waited for an update without an answer", document: answerOut, broke: Break{Status: "FAILED", State: "JudgeRollout", Fault: Fault{Error: "Permission.Denied"}}, want: MaybeTouched},
		{name: "found that the update never arrived", document: answerOut, broke: Break{Status: "FAILED", State: "JudgeRollout", Fault: Fault{Error: "Rollout.Absent", Cause: lambda("nothing of ours")}}, want: Untouched, says: []string{"start a new execution"}},
		{name: "failed to record a deployment", document: updated + judged("healthy", ""), broke: Break{Status: "FAILED", State: "RecordOutcome", Fault: Fault{Error: "Permission.Denied"}}, want: WasTouched, says: []string{"Only the record is missing", "Deployed: Service web runs", "goes on in RecordOutcome"}},
		{name: "failed to record a skip", document: input + `,"image":{"decision":"skip"}`, broke: Break{Status: "FAILED", State: "RecordOutcome"}, want: Untouched, says: []string{"Skipped"}},
		{name: "failed where no history tells", document: "", broke: Break{Status: "FAILED", Fault: Fault{Error: "States.Runtime"}}, want: MaybeTouched, says: []string{"service (none named) failed."}},
		{name: "failed for a document of another execution that was pasted", document: updated, broke: Break{Status: "FAILED", State: "CheckImage", Fault: Fault{Error: "Input.Invalid"}}, want: Untouched, says: []string{"The service was not touched."}},
		{name: "failed for its input", document: input, broke: Break{Status: "FAILED", State: "CheckImage", Fault: Fault{Error: "Input.Invalid"}}, want: Untouched, says: []string{"a redrive would only fail again"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Salvage("{" + tt.document + "}")
			if got := TouchedBy(d, tt.broke); got != tt.want {
				t.Errorf("touched %s, want %s", got, tt.want)
			}
			end := Failure(d, tt.broke)
			if end.Name != Failed || end.Error == "" {
				t.Errorf("%s with the error %q", end.Name, end.Error)
			}
			for _, says := range tt.says {
				if !strings.Contains(end.Cause(), says) {
					t.Errorf("the cause does not say %q:\n%s", says, end.Cause())
				}
			}
		})
	}
}

func TestSalvageKeepsWhatCanBeRead(t *testing.T) {
	got := Salvage(`{"service":"web","image":7,"tag":["no"],"digest":"d","claim":{"granted":"yes"}}`)
	if diff := cmp.Diff(Document{Service: "web", Digest: "d"}, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
	if diff := cmp.Diff(Document{}, Salvage(`no JSON`)); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

func FuzzFailure(f *testing.F) {
	f.Add("{"+updated+"}", "FAILED", "JudgeRollout", "e", "c")
	f.Add("{", "", "", "", "")
	f.Fuzz(func(t *testing.T, document, status, state, err, cause string) {
		end := Failure(Salvage(document), Break{Status: status, State: state, Fault: Fault{Error: err, Cause: cause}})
		event := Tell(Salvage(document), end, Run{Execution: "arn:x", Name: "x"}, Place{})
		if len(event.Cause) > 4096 || !utf8.ValidString(event.Cause) || event.What == "" || event.Fix == "" {
			t.Errorf("%+v", event)
		}
		if _, err := json.Marshal(event); err != nil {
			t.Error(err)
		}
	})
}
