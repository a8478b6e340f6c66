#!/usr/bin/env bash
# What a consumer gets: packs the package, lets npm install the tarball and its dependencies into an empty
# project, imports the client with plain node, type-checks a consumer, walks the demo by the installed command
# and verifies what it left. Needs a registry (or a full npm cache) for the dependencies.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 0711 "$work"
# A copy, so that no dist/ appears in the checkout.
mkdir "$work/copy" "$work/project"
git -C "$root" ls-files -z | (cd "$root" && xargs -0 cp --parents -t "$work/copy")
ln -s "$root/node_modules" "$work/copy/node_modules"
(cd "$work/copy" && npm pack --json --pack-destination "$work" > "$work/packed.txt")
# What prepack says may stand before the list.
sed -n '/^\[/,$p' "$work/packed.txt" > "$work/packed.json"
node -e '
  const [{ size, unpackedSize, entryCount }] = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
  console.log(`packed ${size} bytes, unpacked ${unpackedSize}, ${entryCount} files`)' "$work/packed.json"

cd "$work/project"
echo '{"type":"module","private":true}' > package.json
npm install --prefer-offline --ignore-scripts --no-audit --no-fund "$work"/zhengqiao-*.tgz
cat > consumer.mjs <<'CODE'
import { createZhengqiaoClient, operations } from 'zhengqiao/client'
if (typeof createZhengqiaoClient !== 'function' || !('checkMaterials' in operations)) throw new Error('no client')
CODE
node consumer.mjs
cat > consumer.ts <<'CODE'
import { createZhengqiaoClient, type ZhengqiaoOptions } from 'zhengqiao/client'
export const states = async (options: ZhengqiaoOptions, caseId: string): Promise<string[]> => {
  const { data } = await createZhengqiaoClient(options).cases.check(caseId)
  // @ts-expect-error a state is one of a closed list
  const wrong: 'perhaps' | undefined = data.materials[0]?.state
  return [String(wrong), ...data.materials.map(({ state }) => state)]
}
CODE
ln -s "$root/node_modules/@types" node_modules/@types
node "$root/node_modules/typescript/bin/tsc" --noEmit --strict --skipLibCheck --target es2023 --module nodenext \
  --types node consumer.ts
npx --no-install zhengqiao --version
npx --no-install zhengqiao demo --once > walk.txt
npx --no-install zhengqiao verify data/demo/out/receipt.json --trust data/demo/trust --offline > verdict.txt
if npx --no-install zhengqiao bench verify 2> refused.txt; then echo 'a bench without its peers passed' >&2; exit 1; fi
if grep -q '^    at ' refused.txt; then cat refused.txt >&2; exit 1; fi
echo 'installed: the client runs and types, the demo walks, its receipt verifies'
