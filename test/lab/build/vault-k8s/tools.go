//go:build tools

// Names the webhook that admission is measured beside, so that go.mod and go.sum pin everything it needs.
package tools

import _ "github.com/hashicorp/vault-k8s"
