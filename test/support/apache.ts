import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, TestProcess } from './process.ts';

const MODULES = '/usr/lib/apache2/modules';

/** Starts Apache httpd with the given modules (`dir` for mod_dir) and directives; `{dir}` in them stands for its directory. */
export async function startApache(
  program: string,
  port: number,
  modules: readonly string[],
  directives: string,
): Promise<TestProcess> {
  const directory = temporaryDirectory();
  // Its workers run as another user than root, and look for files below.
  chmodSync(directory, 0o755);
  const loaded = ['mpm_event', 'authz_core', ...modules]
    .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`)
    .join('\n');
  const user = process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : '';
  const text = `ServerRoot {dir}
PidFile {dir}/pid
ErrorLog {dir}/error.log
DefaultRuntimeDir {dir}
DocumentRoot {dir}
ServerName localhost
Listen 127.0.0.1:${port}
${loaded}
${user}
KeepAlive On
MaxKeepAliveRequests 0
${directives}
`;
  const file = join(directory, 'apache.conf');
  writeFileSync(file, text.replaceAll('{dir}', directory));
  return TestProcess.start(program, ['-f', file, '-D', 'FOREGROUND'], port, directory);
}
