package outcome

import (
	"strings"
	"testing"
)

func TestInService(t *testing.T) {
	const unchanged = `,"revision":{"decision":"unchanged","reason":"runs already","taskDefinition":"` + td + `41"}`
	back := strings.Replace(claimed, `"repository":"shop/web"`, `"replaces":"`+digest+`","repository":"shop/web"`, 1)
	for name, tt := range map[string]struct {
		document string
		want     string // the revision; "" for none
	}{
		"what was deployed":                      {updated + judged("healthy", ""), td + "42"},
		"what was deployed, going back":          {back + `,"revision":{"decision":"registered","taskDefinition":"` + td + `42"}` + judged("healthy", ""), td + "42"},
		"what ran already":                       {claimed + unchanged, td + "41"},
		"not what another image ran for":         {back + unchanged, ""},
		"not what nothing shows the health of":   {updated + judged("unproven", ""), ""},
		"not what was rolled back":               {updated + judged("failed", `"restored":true,`), ""},
		"not what is stuck":                      {updated + judged("failed", ""), ""},
		"not what is newer":                      {updated + judged("superseded", ""), ""},
		"what succeeded before the newer came":   {updated + judged("superseded", `"status":"SUCCESSFUL","running":2,`), td + "42"},
		"not what succeeded without a task":      {updated + judged("superseded", `"status":"SUCCESSFUL","running":0,`), ""},
		"not what the newer stopped":             {updated + judged("superseded", `"status":"STOPPED","running":2,`), ""},
		"not what was found on a newer revision": {claimed + `,"revision":{"decision":"superseded","taskDefinition":"` + td + `43"}`, ""},
		"not what was skipped at the door":       {input + `,"image":{"decision":"skip","digest":"` + digest + `"}`, ""},
		"not what holds no claim":                {checked + `,"claim":{"granted":false}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := read(t, tt.document)
			end, err := Decide(d)
			if err != nil {
				t.Fatal(err)
			}
			got, tells := d.InService(end)
			if got.TaskDefinition != tt.want || tells != (tt.want != "") {
				t.Errorf("%+v, %v; want %q", got, tells, tt.want)
			}
			if tells && (got.Digest != digest || got.Tag != "3f2a-812" || got.Sequence != 7) {
				t.Errorf("%+v", got)
			}
		})
	}
}
