// Command lambda is the function diagnosefailure as AWS Lambda runs it.
package main

import (
	"fairlead/functions/diagnosefailure"
	"fairlead/shared/edge/session"
)

func main() { session.Main(diagnosefailure.New) }
