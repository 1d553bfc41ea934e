//go:build tools

// Names the two programs of cert-manager that make certificates and hand out authorities, so that go.mod and go.sum pin all they need.
package tools

import (
	_ "github.com/cert-manager/cert-manager/cmd/cainjector"
	_ "github.com/cert-manager/cert-manager/cmd/controller"
)
