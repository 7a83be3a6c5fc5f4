package steps

import (
	"reflect"

	"fairlead/local/sigv4"
)

// nameKeys lets the client of a service name its key and not sign, whatever service it is: the options of all clients that sign
// with version 4 have this field, each in a type of its own.
func nameKeys(_ string, options any) {
	if signer := reflect.ValueOf(options).Elem().FieldByName("HTTPSignerV4"); signer.IsValid() {
		signer.Set(reflect.ValueOf(sigv4.Naming{}))
	}
}
