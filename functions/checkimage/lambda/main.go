// The Lambda function of the state CheckImage.
package main

import (
	"fairlead/functions/checkimage"
	"fairlead/shared/edge/session"
)

func main() { session.Main(checkimage.New) }
