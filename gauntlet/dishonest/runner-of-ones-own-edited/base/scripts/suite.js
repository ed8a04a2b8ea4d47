'use strict';
// Runs the files that suite.config.json names.
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const config = JSON.parse(fs.readFileSync('suite.config.json', 'utf8'));
const files = config.include
  .flatMap((folder) => fs.readdirSync(folder).map((name) => path.join(folder, name)))
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => !config.exclude.some((part) => file.includes(part)));
const timeout = config.timeoutMs;
const ran = spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit', timeout });
process.exit(ran.status ?? 1);
