/**
 * Checks a manifest against the API of Kubernetes: its own types (k8s.io/api) read it strictly, so
 * that a key that they do not have, or a value of another type, is an error. Built from the Go
 * module proxy into `.cache`; the checksum database of Go pins it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { goBuild } from '../go.ts';

const API_VERSION = 'v0.34.1';
const YAML_VERSION = 'v1.6.0';
const CHECKER = resolve(import.meta.dirname, '../../.cache/manifest', API_VERSION);

const PROGRAM = `package main

import (
	"fmt"
	"os"

	apps "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = yaml.UnmarshalStrict(text, &apps.DaemonSet{})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`;

const SCRIPT = `
export CGO_ENABLED=0
cat >main.go <<'END'
${PROGRAM}END
go mod init manifest
go get k8s.io/api/apps/v1@${API_VERSION} sigs.k8s.io/yaml@${YAML_VERSION}
go build -trimpath -o check .`;

/** @throws Error if the file is not the manifest of a DaemonSet */
export async function checkDaemonSet(file: string): Promise<void> {
  if (!existsSync(CHECKER)) {
    const what = `the types of Kubernetes ${API_VERSION}`;
    console.error(`building ${what}`);
    await goBuild({ what, result: CHECKER, script: SCRIPT, made: 'check', from: 'modules' });
  }
  const { status, stderr, error } = spawnSync(CHECKER, [file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file}: ${error?.message ?? stderr.trim()}`);
}
