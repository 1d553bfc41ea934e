//go:build tools

// Names the program that the lab builds, so that go.mod and go.sum pin everything it needs.
package tools

import _ "helm.sh/helm/v4/cmd/helm"
