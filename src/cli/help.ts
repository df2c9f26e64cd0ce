import type { CommandName } from './command-line.ts';

const GENERAL = `Daemun: web server, reverse proxy and application server in one program.

Usage: daemun <command> [options]

Commands:
  serve [dir]     serve the files of a directory
  was             serve web applications
  run [config]    serve what a configuration file says
  check [config]  say what is wrong with a configuration, or what it would serve
  doctor [config] say what of this machine does not go with a configuration
  demo            serve the sample site and show what to try

Of a server that runs:
  status          who runs, since when, and how it goes
  top             the same, as it changes
  connections     who is connected
  reload          load the configuration again
  drain           end when connections have ended
  stop            end now

Options:
  -h, --help      this text; "daemun serve --help" tells more about one command
  -v, --version   version of Daemun and of Node
`;

const PAGES: Readonly<Record<CommandName, string>> = {
  serve: `Usage: daemun serve [dir] [--listen ADDR:PORT] [--threads N]

Serves the files of a directory (the current one unless said), without listing
directories and without files whose names begin with a dot.

  --listen ADDR:PORT  where to listen: 127.0.0.1:8080, [::1]:8080, unix:/path, or
                      8080 for every address of the machine; unless said
                      127.0.0.1:8080, or the next free port
  --threads N         web threads, 1 to 1024, or auto for one for each processor
                      core, as it is unless said

Example: daemun serve ./public --listen 8000
`,
  was: `Usage: daemun was --webapps DIR [--http ADDR:PORT] [--ajp ADDR:PORT]
                  [--ajp-secret FILE] [--route NAME]

Serves web applications: each folder in a directory is one, under its name
(ROOT is the root of the server, a#b is /a/b). Says everything that is wrong
with them and ends with status 1 where one of them cannot be started.

  --webapps DIR      the directory, as Tomcat's webapps
  --http ADDR:PORT   where to listen for browsers: 127.0.0.1:8080, unix:/path, or
                     8080 for every address of the machine; 127.0.0.1:8080 unless
                     this or --ajp is given
  --ajp ADDR:PORT    where to listen for web servers that speak AJP, as 127.0.0.1:8009
  --ajp-secret FILE  the secret that they have to know; without it everybody who
                     reaches the address is taken at its word
  --route NAME       what stands behind the ids of sessions, by which a balancer
                     finds this server again (Tomcat's jvmRoute)

HUP starts the applications anew, beside those that serve, and takes over when
they are ready.

Example: daemun was --webapps ./webapps --http 8080
`,
  run: `Usage: daemun run [config] [--user NAME] [--daemon]

Serves what a configuration file says: .ts, .mts, .js, .mjs, .json, .yaml or
.yml. Without a file it looks for daemun.config with one of these endings here.

  --user NAME  who serves where root starts it, whatever the configuration says;
               nobody unless one of them says it
  --daemon     serve in the background; the command ends when the server serves

Signals: HUP loads the file again (a bad one changes nothing), USR1 opens the
logs again, QUIT ends when all requests are answered, TERM and INT end at once.
USR2 starts the program that is installed now beside this one, on the same
sockets; WINCH lets this one answer what it has begun and nothing more, until
HUP. QUIT then ends this one, or the other if the upgrade is to be undone.

Example: daemun run daemun.config.ts
`,
  check: `Usage: daemun check [config]

Reads a configuration file without serving it. Says everything that is wrong
with it, each with its place and its cure, and ends with status 1; or lists the
sites, where they listen, and their routes in the order in which they are tried.
An address that is in use, as by the server that is running, is a note and no
problem; "daemun run" does not start without it.

Example: daemun check daemun.config.ts
`,
  doctor: `Usage: daemun doctor [config] [--json]

Looks at the machine that a configuration is to be served on: limits, kernel
settings, addresses in use, rights of files, processors, memory, disks, clock,
and what an earlier server left. Changes nothing. Without a configuration it
looks at what does not depend on one. Ask as the user that starts the server:
as root where root does.

Each finding is ok, a note, which may be meant so, or a problem; notes and
problems say what comes of them, and commands that help. Ends with status 1
where there is a problem.

  --json  findings for programs: check, level, what, why, cure

Example: daemun doctor /etc/daemun/daemun.config.ts
`,
  demo: `Usage: daemun demo

Serves the sample site on 127.0.0.1:8080, or on the next free port, and shows
what to try. Ctrl-C ends it.
`,
  status: `Usage: daemun status [config] [--json]

Says who runs, since when, and how it goes: processes, threads, addresses,
upstreams, counters.

  config             the file that the server runs; the daemun.config here unless
                     said, or the only server that runs
  --admin ADDRESS    where its administration is, as unix:/run/daemun/admin.sock or
                     127.0.0.1:9000, whatever the configuration says
  --token-file FILE  the token for an address of the second kind
  --json             as JSON, for programs

Example: daemun status
`,
  connections: `Usage: daemun connections [config] [--json]

Lists the clients that are connected, oldest first: thread and descriptor, what
the connection does, what went over it, how old it is.

  config             the file that the server runs; the daemun.config here unless
                     said, or the only server that runs
  --admin ADDRESS    where its administration is, as unix:/run/daemun/admin.sock or
                     127.0.0.1:9000, whatever the configuration says
  --token-file FILE  the token for an address of the second kind
  --json             as JSON, for programs

Example: daemun connections
`,
  top: `Usage: daemun top [config]

Shows what the server does as it does it. q ends it, p holds it, h helps.

  config             the file that the server runs; the daemun.config here unless
                     said, or the only server that runs
  --admin ADDRESS    where its administration is, as unix:/run/daemun/admin.sock or
                     127.0.0.1:9000, whatever the configuration says
  --token-file FILE  the token for an address of the second kind

Example: daemun top
`,
  reload: `Usage: daemun reload [config]

Has the server load its configuration again, and says what is wrong with it
where it is not taken; then the one before goes on.

  config             the file that the server runs; the daemun.config here unless
                     said, or the only server that runs
  --admin ADDRESS    where its administration is, as unix:/run/daemun/admin.sock or
                     127.0.0.1:9000, whatever the configuration says
  --token-file FILE  the token for an address of the second kind

Example: daemun reload
`,
  drain: `Usage: daemun drain [config] [--limit TIME]

Ends the server: it accepts nothing any more, finishes what it has begun, and
ends with its last connection.

  config             the file that the server runs; the daemun.config here unless
                     said, or the only server that runs
  --admin ADDRESS    where its administration is, as unix:/run/daemun/admin.sock or
                     127.0.0.1:9000, whatever the configuration says
  --token-file FILE  the token for an address of the second kind
  --limit TIME       how long connections may take, as 30s or 5m; 60s unless said

Example: daemun drain --limit 5m
`,
  stop: `Usage: daemun stop [config]

Ends the server now, whatever it does.

  config             the file that the server runs; the daemun.config here unless
                     said, or the only server that runs
  --admin ADDRESS    where its administration is, as unix:/run/daemun/admin.sock or
                     127.0.0.1:9000, whatever the configuration says
  --token-file FILE  the token for an address of the second kind

Example: daemun stop
`,
};

/** The help page of a command, or of the program. */
export function helpText(about: CommandName | null): string {
  return about === null ? GENERAL : PAGES[about];
}
