/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* What people run, under the profile `perry`: thirty programs of busybox, Python, Node and a compiler. The first argument is
 * the engine, the second its runtime; with `node` as the third it is Node alone. The programs that busybox has not are the
 * host's: its /usr is mounted read-only. */
static PerryLiveEngine *live;

typedef struct {
  const char *name;
  const char *script;
  const char *output;
} Program;

static const Program busybox_programs[] = {
  { "sh", "i=0; while [ $i -lt 3 ]; do i=$((i + 1)); done; (exit 3) || echo $i $? | cat", "3 3" },
  { "echo", "echo -e 'a\\tb'", "a\tb" },
  { "cat", "cat /etc/group | cat - /dev/null | head -n 1", "root:x:0:" },
  { "ls", "ls -la /etc/passwd | wc -w", "9" },
  { "cp", "cp /etc/passwd p && cmp p /etc/passwd && echo same", "same" },
  { "mv", "mv p q && [ ! -e p ] && echo moved", "moved" },
  { "rm", "mkdir -p r/s && rm -rf r && [ ! -e r ] && echo gone", "gone" },
  { "mkdir", "mkdir -p d/e && rmdir d/e && ls d | wc -l", "0" },
  { "ln", "ln -s q l && readlink l && ln q h && stat -c %h q", "q\n2" },
  { "chmod", "chmod 640 q && stat -c %a q", "640" },
  { "touch", "touch -d '2001-02-03 04:05:06' t && stat -c %Y t", "981173106" },
  { "find", "find /etc -name pass* -exec basename {} ';'", "passwd" },
  { "grep", "grep -c ^root /etc/passwd", "1" },
  { "sed", "echo abc | sed s/b/x/", "axc" },
  { "awk", "awk -F: '{ n += $3 } END { print n }' /etc/passwd", "65534" },
  { "sort", "printf '3\\n1\\n2\\n' | sort -r | tr '\\n' ' '", "3 2 1 " },
  { "uniq", "printf 'a\\na\\nb\\n' | uniq -c | wc -l", "2" },
  { "cut", "cut -d: -f1 /etc/passwd | tail -n 1", "nobody" },
  { "xargs", "seq 4 | xargs -n 2 echo | wc -l", "2" },
  { "tar", "tar -cf x.tar q && tar -tf x.tar", "q" },
  { "gzip", "gzip -c q | gunzip | cmp - q && echo same", "same" },
  { "sha256sum", "printf abc | sha256sum | cut -c1-8", "ba7816bf" },
  { "dd", "dd if=/dev/zero bs=1k count=64 2>/dev/null | wc -c", "65536" },
  { "df", "df -P / | wc -l", "2" },
  { "du", "du -s . >/dev/null && echo sized", "sized" },
  { "date", "date -u -d @0 +%Y", "1970" },
  { "id", "id -u", "65534" },
  { "ps", "ps -o pid,args | grep -c '[s]leep' || sleep 0", "0" },
  { "kill", "exec 2>/dev/null; sleep 60 & kill $! ; wait $!; echo $?", "143" },
  { "timeout", "exec 2>/dev/null; timeout 1 sleep 60; echo $?", "143" },
  { "nc", "(echo hello | nc -l -p 7777 >/dev/null &) ; until nc 127.0.0.1 7777 </dev/null 2>/dev/null; do true; done",
    "hello" },
  { "mktemp", "f=$(mktemp) && [ -w $f ] && echo made", "made" },
};

static const char python[] =
  "import asyncio, concurrent.futures, ctypes, fcntl, hashlib, mmap, multiprocessing, os, random, select, signal\n"
  "import socket, sqlite3, subprocess, sys, tempfile, threading, time, zlib\n"
  "total = []\n"
  "threads = [threading.Thread(target=total.append, args=(i,)) for i in range(16)]\n"
  "[t.start() for t in threads]; [t.join() for t in threads]\n"
  "print('threads', sum(total))\n"
  "print('subprocess', subprocess.run(['sh', '-c', 'echo $((6 * 7))'], capture_output=True, text=True).stdout.strip())\n"
  "with multiprocessing.get_context('fork').Pool(3) as pool: print('processes', sum(pool.map(abs, range(-5, 5))))\n"
  "async def wait(i):\n"
  "    await asyncio.sleep(0.01)\n"
  "    return i\n"
  "async def main(): return sum(await asyncio.gather(*[wait(i) for i in range(10)]))\n"
  "print('asyncio', asyncio.run(main()))\n"
  "async def shell():\n"
  "    p = await asyncio.create_subprocess_exec('echo', 'child', stdout=asyncio.subprocess.PIPE)\n"
  "    return (await p.communicate())[0].decode().strip()\n"
  "print('asyncio', asyncio.run(shell()))\n"
  "server = socket.create_server(('127.0.0.1', 0)); client = socket.create_connection(server.getsockname())\n"
  "peer, _ = server.accept(); client.sendall(b'tcp'); print('socket', peer.recv(9).decode())\n"
  "a, b = socket.socketpair(); a.send(b'unix'); print('socket', b.recv(9).decode())\n"
  "db = sqlite3.connect('db'); db.execute('create table t (x)'); db.execute('insert into t values (7)'); db.commit()\n"
  "print('sqlite', db.execute('select x from t').fetchone()[0])\n"
  "m = mmap.mmap(-1, 8192); m[0:2] = b'mm'; print('mmap', m[0:2].decode())\n"
  "f = tempfile.TemporaryFile(); f.write(b'x' * 100000); fcntl.flock(f, fcntl.LOCK_EX); print('file', f.tell())\n"
  "p = select.epoll(); p.register(peer, select.EPOLLIN); client.send(b'!'); print('epoll', len(p.poll(1)))\n"
  "signal.signal(signal.SIGALRM, lambda *_: print('signal')); signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(0.1)\n"
  "print('hash', hashlib.sha256(os.urandom(0)).hexdigest()[:8], zlib.crc32(b'abc'))\n"
  "print('ctypes', ctypes.CDLL(None).getpid() == os.getpid())\n"
  "os.sched_setaffinity(0, os.sched_getaffinity(0)); print('scheduler', os.nice(1))\n"
  "pid = os.fork()\n"
  "if pid == 0: os._exit(5)\n"
  "print('fork', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n";

static const char python_output[] =
  "threads 120\nsubprocess 42\nprocesses 25\nasyncio 45\nasyncio child\nsocket tcp\nsocket unix\nsqlite 7\nmmap mm\n"
  "file 100000\nepoll 1\nsignal\nhash e3b0c442 891568578\nctypes True\nscheduler 1\nfork 5\n";

static const char node[] =
  "const { Worker } = require('worker_threads'), fs = require('fs'), net = require('net');\n"
  "const child = require('child_process'), crypto = require('crypto'), zlib = require('zlib'), dns = require('dns');\n"
  "(async () => {\n"
  "  console.log('sync', child.execFileSync('echo', ['child']).toString().trim());\n"
  "  console.log('spawn', await new Promise(r => child.exec('exit 3').on('exit', r)));\n"
  "  console.log('worker', await new Promise((r, e) => new Worker(\n"
  "    \"require('worker_threads').parentPort.postMessage(6 * 7)\", { eval: true }).on('message', r).on('error', e)));\n"
  "  await fs.promises.writeFile('f', 'x'.repeat(100000));\n"
  "  console.log('file', (await fs.promises.readFile('f')).length, (await fs.promises.stat('f')).size);\n"
  "  await fs.promises.copyFile('f', 'g'); await fs.promises.rename('g', 'h'); await fs.promises.rm('h');\n"
  "  console.log('gzip', zlib.gunzipSync(zlib.gzipSync('abc')).toString());\n"
  "  console.log('hash', crypto.createHash('sha256').digest('hex').slice(0, 8), crypto.randomBytes(8).length);\n"
  "  console.log('key', (await new Promise(r => crypto.scrypt('p', 's', 16, (e, k) => r(k)))).length);\n"
  "  const server = net.createServer(s => s.end('tcp')); await new Promise(r => server.listen(0, '127.0.0.1', r));\n"
  "  console.log('net', await new Promise(r => net.connect(server.address().port, '127.0.0.1').on('data', d => r('' + d))));\n"
  "  server.close();\n"
  "  const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);\n"
  "  console.log('wasm', (await WebAssembly.instantiate(wasm)).instance instanceof WebAssembly.Instance);\n"
  "  fs.watch('.').close(); setTimeout(() => console.log('timer'), 10);\n"
  "})();\n";

static const char node_output[] =
  "sync child\nspawn 3\nworker 42\nfile 100000 100000\ngzip abc\nhash e3b0c442 8\nkey 16\nnet tcp\nwasm true\ntimer\n";

static const char compiler[] =
  "cat >t.c <<'END'\n"
  "#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <threads.h>\n"
  "static void *run (void *data) { *(int *) data = 42; return NULL; }\n"
  "int main (void) { pthread_t t; int i = 0; if (pthread_create (&t, NULL, run, &i) != 0) return 1;\n"
  "  pthread_join (t, NULL); printf (\"thread %d\\n\", i); fflush (stdout); return system (\"echo system\"); }\n"
  "END\n"
  "gcc -O2 -g -Wall -pthread -c t.c -o t.o && gcc -pthread t.o -o t && ./t && gcc -static -pthread t.c -o s && ./s &&\n"
  "gcc -flto -O2 t.c -o u && ./u\n";

static const char compiler_output[] = "thread 42\nsystem\nthread 42\nsystem\nthread 42\nsystem\n";

/* Runs a script as nobody without capabilities; the result has its output. */
static PerryProcessResult *
run_script (const char *profile, gboolean with_host, const char *script)
{
  static const char *const from_host[][2] = { { "/usr", "/usr:/usr:ro" }, { "/usr/lib", "/usr/lib:/lib:ro" },
                                              { "/usr/lib64", "/usr/lib64:/lib64:ro" } };
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const options[] = { "run", "--rm", "-i", "--no-network", "--cap-drop", "ALL", "-u", "65534:65534", "-w", "/tmp",
                                  "--enforcement", "strict", "--seccomp", profile, "-e", "HOME=/tmp" };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    g_ptr_array_add (argv, (gpointer) options[i]);
  for (gsize i = 0; with_host && i < G_N_ELEMENTS (from_host); i++)
    if (g_file_test (from_host[i][0], G_FILE_TEST_IS_DIR))
      {
        g_ptr_array_add (argv, (gpointer) "-v");
        g_ptr_array_add (argv, (gpointer) from_host[i][1]);
      }
  g_ptr_array_add (argv, (gpointer) "busybox");
  g_ptr_array_add (argv, (gpointer) "sh");
  g_ptr_array_add (argv, NULL);
  return perry_live_engine_perryctl_argv (live, script, (const char *const *) argv->pdata);
}

/* A program that does not run without a profile either would show nothing. */
static void
assert_runs (gboolean with_host, const char *script, const char *output)
{
  static const char *const profiles[] = { "unconfined", "perry" };

  for (gsize i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autoptr (PerryProcessResult) result = run_script (profiles[i], with_host, script);

      g_test_message ("with %s", profiles[i]);
      perry_live_assert_status (result, 0);
      g_assert_cmpstr (perry_live_stdout (result), ==, output);
    }
}

static void
test_busybox (void)
{
  g_autoptr (GString) script = g_string_new (NULL);
  g_autoptr (GString) output = g_string_new (NULL);

  G_STATIC_ASSERT (G_N_ELEMENTS (busybox_programs) >= 30);
  for (gsize i = 0; i < G_N_ELEMENTS (busybox_programs); i++)
    {
      const Program *program = &busybox_programs[i];
      g_autofree char *quoted = g_shell_quote (program->script);

      g_string_append_printf (script, "printf '%%s: %%s\\n' %s \"$(eval %s 2>&1)\"\n", program->name, quoted);
      g_string_append_printf (output, "%s: %s\n", program->name, program->output);
    }
  assert_runs (FALSE, script->str, output->str);
}

static void
run_interpreter (const char *program, const char *text, const char *output)
{
  g_autofree char *quoted = g_shell_quote (text);
  g_autofree char *command = g_strconcat (program, g_str_has_suffix (program, "node") ? " -e " : " -c ", quoted, "\n", NULL);

  if (!g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_autofree char *reason = g_strdup_printf ("there is no %s", program);

      g_test_skip (reason);
      return;
    }
  assert_runs (TRUE, command, output);
}

static void
test_python (void)
{
  run_interpreter ("/usr/bin/python3", python, python_output);
}

static void
test_node (void)
{
  run_interpreter ("/usr/bin/node", node, node_output);
}

static void
test_compiler (void)
{
  if (!g_file_test ("/usr/bin/gcc", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("there is no /usr/bin/gcc");
      return;
    }
  assert_runs (TRUE, compiler, compiler_output);
}

int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  live = perry_live_engine_start (argc > 1 ? argv[1] : "docker", argc > 2 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  if (argc > 3 && g_str_equal (argv[3], "node"))
    g_test_add_func ("/seccomp-programs/node", test_node);
  else
    {
      g_test_add_func ("/seccomp-programs/busybox", test_busybox);
      g_test_add_func ("/seccomp-programs/python", test_python);
      g_test_add_func ("/seccomp-programs/compiler", test_compiler);
    }
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
