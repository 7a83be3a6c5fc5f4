package rollback_test

import (
	"testing"

	"fairlead/functions/rollback"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/permission/permissiontest"
)

func TestPermissions(t *testing.T) {
	permissiontest.Check(t, rollback.Policy(), permissiontest.Ports{
		Own:      []any{(*ledger.Getter)(nil), (*ledger.Putter)(nil)},
		Look:     []any{(*rollback.Reader)(nil)},
		Register: []any{(*lossless.Registrar)(nil)},
		Update:   []any{(*rollback.Updater)(nil)},
	})
}
