#!/usr/bin/env node
// Launcher: the only file in old syntax, so that a Node below the floor can still read it and say what is wrong.
'use strict';
var childProcess = require('child_process');
var fs = require('fs');
var os = require('os');
var path = require('path');
var url = require('url');
var v8 = require('v8');

var FLOOR = '22.18';
// Hostile input must not hang a regular expression that backtracks: V8 then goes on with its linear engine.
// It has effect only on expressions compiled after it is set, and on threads started after that.
var REGEXP_FLAG = '--enable-experimental-regexp-engine-on-excessive-backtracks';
var PASSED_SIGNALS = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGBREAK',
];

var root = path.join(__dirname, '..');
var source = path.join(root, 'src', 'cli', 'main.ts');
var isCheckout = fs.existsSync(source);

if (isNewEnough(process.versions.node)) {
  // Without a listener USR1 opens Node's debugger; src/cli/held-signals.ts takes over once it is loaded.
  if (os.constants.signals.SIGUSR1 !== undefined) process.on('SIGUSR1', function () {});
  v8.setFlagsFromString(REGEXP_FLAG);
  var main = isCheckout ? source : path.join(root, 'dist', 'cli', 'main.js');
  // a failure to load is left to Node, which prints it and ends with status 1
  void import(url.pathToFileURL(main).href);
} else {
  var node = isCheckout ? ownNode() : undefined;
  if (node === undefined) {
    process.stderr.write(
      'daemun needs Node ' +
        FLOOR +
        ' or newer, this is ' +
        process.versions.node +
        ' (' +
        process.execPath +
        ')' +
        (isCheckout ? '; run npm ci to get the one of this checkout.\n' : '.\n'),
    );
    process.exitCode = 1;
  } else {
    runWith(node);
  }
}

function isNewEnough(version) {
  var parts = version.split('.').map(Number);
  // 23 took types out of files by itself from 23.6 only
  if (parts[0] === 23) return parts[1] >= 6;
  return parts[0] > 22 || (parts[0] === 22 && parts[1] >= 18);
}

/** The Node among the development dependencies: one package for each platform, of which npm installs the right one. */
function ownNode() {
  var platform = process.platform === 'win32' ? 'win' : process.platform;
  var names = [
    'node-' + platform + '-' + process.arch,
    'node-bin-' + platform + '-' + process.arch,
  ];
  for (var i = 0; i < names.length; i++) {
    var file = path.join(
      root,
      'node_modules',
      names[i],
      'bin',
      platform === 'win' ? 'node.exe' : 'node',
    );
    if (fs.existsSync(file)) return file;
  }
  return undefined;
}

function runWith(program) {
  var args = process.execArgv.concat([__filename], process.argv.slice(2));
  var child = childProcess.spawn(program, args, { stdio: 'inherit' });
  PASSED_SIGNALS.forEach(function (signal) {
    if (os.constants.signals[signal] === undefined) return;
    process.on(signal, function () {
      // a terminal sends Ctrl-C to the child as well: passed on, it would count twice
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  });
  child.on('error', function (error) {
    process.stderr.write('daemun could not start ' + program + ': ' + error.message + '\n');
    process.exitCode = 1;
  });
  child.on('exit', function (code, signal) {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    // end the same way, so that who waits for this process sees the signal
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
