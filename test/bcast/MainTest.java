package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.StartException;
import bcast.base.Units;
import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import bcast.testing.RandomOnly;
import bcast.testing.RawHttp;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command line: one clear line, the right exit code, no stack trace. */
final class MainTest {

    private record Run(int code, String out, String err) {}

    private static Run run(Map<String, String> environment, String... args) throws Exception {
        return run(Main::node, environment, args);
    }

    private static Run run(Wiring wiring, Map<String, String> environment, String... args)
            throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Launcher.run(args, environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), wiring);
        return new Run(code, out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    private static void assertUsage(String message, String... args) throws Exception {
        assertEquals(new Run(2, "", "bcast: " + message + "\n"), run(Map.of(), args));
    }

    private static String noHost(String text) {
        return "\"" + text + "\" is not a host: expected a name such as news.example, an IPv4 "
                + "address, or an IPv6 address in brackets";
    }

    @Test
    void everyBadFlagIsOneLineAndCode2() throws Exception {
        assertUsage("unknown flag -nothing; see -help", "-nothing=1");
        assertUsage("unknown flag -; see -help", "--");
        assertUsage("unexpected argument \"8080\"; see -help", "8080");
        assertUsage("-fsync needs -datadir", "-fsync=always");
        assertUsage("-tlscert and -tlskey must be given together", "-tlscert=x");
        assertUsage("unexpected argument \"-\"; see -help", "-");
        assertUsage("-httpport needs a value; see -help", "-httpport");
        String bad = "bad value \"%s\" for -%s: %s";
        String undiallable = "peers cannot dial it; expected an address or a name of this host";
        String[][] cases = {
            {"httpport", "x", "not a whole number"}, {"httpport", "-1", "not in 0..65535"},
            {"httpport", "65536", "not in 0..65535"}, {"httpport", "", "not a whole number"},
            {"clusterport", "99999999999", "not in 0..65535"},
            {"clusterport", "+1", "not a whole number"},
            {"bind", "1.2.3.4.5", noHost("1.2.3.4.5")}, {"bind", "a b", noHost("a b")},
            {"bind", "name.invalid", "no such address; expected an address of this host, or a name "
                + "that has one"},
            {"group", "10.0.0.1:5", "neither an IPv4 multicast address:port nor off"},
            {"group", "somewhere:5", "neither an IPv4 multicast address:port nor off"},
            {"group", "on", "\"on\" is not host:port"},
            {"peers", "host", "\"host\" is not host:port"},
            {"peers", "a:1,b:0", "port 0 cannot be dialled"},
            {"peers", "a:1,a b:1", noHost("a b")}, {"peers", "a/b:1", noHost("a/b")},
            {"peers", "10.0.0.256:1", noHost("10.0.0.256")},
            {"peers", "[::1::]:1", noHost("[::1::]")}, {"peers", "[a]:1", noHost("[a]")},
            {"peers", "a:1,b:65536", "\"b:65536\": the port is not a whole number in 0..65535"},
            {"peers", "b:x", "\"b:x\": the port is not a whole number in 0..65535"},
            {"peers", "::1:5", "\"::1:5\": write IPv6 as [addr]:port"},
            {"advertise", "[fe80::1]:5", "a link-local address is valid only on its own link"},
            {"advertise", ":5", "\":5\" is not host:port"},
            {"advertise", "a..b:5", noHost("a..b")},
            {"advertise", "[::]:5", undiallable}, {"advertise", "224.0.0.1:5", undiallable},
            {"cluster", "", "not 1..255 bytes long"},
            {"cluster", "x".repeat(256), "not 1..255 bytes long"},
            {"retention", "24", "not a duration such as 24h, 1h30m or 500ms"},
            {"retention", "999ms", "not in 1s..8784h"},
            {"retention", "999999999999h", "not in 1s..8784h"},
            {"retention", "9999999999999h", "too many digits"},
            {"interval", "99ms", "not in 100ms..8784h"},
            {"maxraw", "2MiB", "not in 1..1048576 bytes"},
            {"maxraw", "1XB", "not a size such as 1048576, 64KiB or 2GiB"},
            {"maxbytes", "15MiB", "less than 16MiB"},
            {"maxbytes", "99999999999GiB", "too large"},
            {"maxskew", "soon", "not a duration such as 24h, 1h30m or 500ms"},
            {"validator", "md4", "not md5, sha256, ed25519:FILE or the full name of "
                + "a class"},
            {"host", "a,b:1", "\"b:1\": write the name alone, without scheme or port, and IPv6"
                + " as [addr]"},
            {"host", "[::1", noHost("[::1")},
            {"host", "a b", noHost("a b")}, {"host", "x,a..b", noHost("a..b")},
            {"host", ".", noHost(".")}, {"host", "*.example", noHost("*.example")},
            {"host", "a".repeat(64), noHost("a".repeat(64))}, {"host", "é..a", noHost("é..a")},
            {"cors", "news.example", "not scheme://host, scheme://host:port or *"},
            {"cors", "https://a..b", noHost("a..b")},
            {"cors", "https://a:65536", "not in 0..65535"},
            {"cors", "https://a:x", "\"a:x\" is not host or host:port, with a port in 0..65535"},
            {"trustproxy", "10.0.0.1, proxy", "\"proxy\" is not an IP address or ADDRESS/BITS, "
                + "such as 10.0.0.0/8 or fd00::/8"},
            {"loglevel", "loud", "not error, warn, info or debug"}};
        for (String[] each : cases) {
            assertUsage(String.format(bad, each[1], each[0], each[2]), "-" + each[0], each[1]);
        }
        assertUsage("bad value \"no.such.Class\" for -validator: no such class on the class path; "
                + "start with: java -cp build/bcast.jar:yours.jar bcast.Main",
                "-validator=no.such.Class", "-httpport=0");
        assertUsage("bad value \"java.lang.String\" for -validator: it must be a public class with "
                + "a public constructor without parameters that implements "
                + "bcast.validator.Validator", "-validator=java.lang.String", "-httpport=0");
    }

    @Test
    void hostsAreReadAsBrowsersAndNameServersWriteThem() throws Exception {
        assertEquals(Set.of("xn--mller-kva.example", "[::1]"),
                Config.of("-host=m\u00fcller.example,[::1]").hosts());
        assertEquals("https://xn--mller-kva.example:444",
                Config.of("-cors=https://m\u00fcller.example:444").cors().orElseThrow());
        assertEquals("http://[::1]", Config.of("-cors=http://[::1]").cors().orElseThrow());
        assertEquals("own-scheme://a..b", Config.of("-cors=own-scheme://a..b").cors()
                .orElseThrow(), "no name of a host");
        assertEquals("xn--mller-kva.example", Config.of("-peers=m\u00fcller.example:1").peers()
                .get(0).getHostString());
        assertEquals("::1%none", Config.of("-advertise=[::1%none]:1").advertise().orElseThrow()
                .getHostString());
    }

    private static Config config(Map<String, String> environment, String... args)
            throws UsageException {
        return ConfigReader.config(Flags.parse(args, environment));
    }

    @Test
    void allSpellingsMeanTheSame() throws Exception {
        for (String[] args : new String[][] {{"-httpport=81"}, {"-httpport", "81"},
            {"--httpport=81"}, {"--httpport", "81"}}) {
            assertEquals(81, Config.of(args).httpPort());
        }
        Map<String, String> environment = Map.of("BCAST_HTTPPORT", "82", "BCAST_INTERVAL", "5s");
        assertEquals(82, config(environment).httpPort());
        assertEquals(81, config(environment, "-httpport=81").httpPort());
        assertEquals(5_000, config(environment).intervalMs());
        assertEquals("bcast: bad value \"x\" for BCAST_HTTPPORT: not a whole number\n",
                run(Map.of("BCAST_HTTPPORT", "x")).err);
        assertEquals(8080, config(Map.of("BCAST_HTTPPORT", "")).httpPort(),
                "an empty variable is none");
    }

    @Test
    void aFlagThatIsOnOrOffTakesItsValueInBothSpellings() throws Exception {
        String[][] on = {{"-accesslog"}, {"-accesslog", "true"}, {"-accesslog=TRUE"},
            {"-accesslog", "-httpport=1"}};
        for (String[] args : on) {
            assertTrue(Config.of(args).accessLog(), args[0]);
        }
        for (String[] args : new String[][] {{"-accesslog", "false"}, {"-accesslog=false"},
            {"--accesslog", "False", "-httpport=1"}}) {
            assertFalse(Config.of(args).accessLog(), args[0]);
        }
        assertUsage("unexpected argument \"no\"; see -help", "-accesslog", "no");
    }

    private static Run thrown(Exception e) throws Exception {
        return run((config, context) -> {
            if (e instanceof IOException fault) {
                throw fault;
            } else if (e instanceof StartException fault) {
                throw fault;
            }
            throw (RuntimeException) e;
        }, Map.of());
    }

    @Test
    void whateverAWiringThrowsIsOneLine() throws Exception {
        assertEquals(new Run(1, "", "bcast: no such model\n"),
                thrown(new StartException("no such model")));
        assertEquals(new Run(2, "", "bcast: -model is wrong\n"),
                thrown(new UsageException("-model is wrong")));
        assertEquals(new Run(1, "", "bcast: cannot start: Address already in use\n"),
                thrown(new BindException("Address already in use")));
        Run odd = thrown(new IllegalStateException("odd"));
        assertEquals(1, odd.code);
        assertTrue(odd.err.startsWith("bcast: cannot start: java.lang.IllegalStateException: odd "
                + "at bcast.MainTest.") && odd.err.lines().count() == 1, odd.err);
    }

    @Test
    void aMistypedVariableIsNamed() throws Exception {
        Map<String, String> environment = Map.of("BCAST_HTTPPROT", "1", "BCAST_BIND", "127.0.0.1",
                "BCAST_GROUP", "off", "BCAST_", "x", "bcast_bind", "1");
        Run run = run(environment, "-secretfile=missing");
        List<String> lines = run.err.lines().toList();
        for (int i = 0; i < 2; i++) {
            assertTrue(lines.get(i).endsWith("WARN  the environment variable "
                    + List.of("BCAST_", "BCAST_HTTPPROT").get(i)
                    + " belongs to no flag and is ignored; see -help"), run.err);
        }
        assertEquals("bcast: cannot read missing: no such file or directory; see -secretfile",
                lines.get(2));
        assertEquals(3, lines.size(), run.err);
    }

    @Test
    void theDefaultsAreThoseOfTheHelp() throws Exception {
        Config config = Config.of();
        assertEquals(8080, config.httpPort());
        assertEquals(86_400_000, config.retentionMs());
        assertEquals(20_000, config.intervalMs());
        assertEquals(1 << 20, config.maxRaw());
        assertEquals(300_000, config.maxSkewMs());
        assertEquals("239.255.77.77:47777", config.group().orElseThrow().toString().substring(1));
        assertEquals(Runtime.getRuntime().maxMemory() / 2, config.maxBytes());
        Run help = run(Map.of(), "-help");
        assertEquals(0, help.code);
        assertTrue(help.out.contains("-httpport") && help.out.contains("(24h)"), help.out);
        assertEquals(0, run(Map.of(), "-version").code);
        assertTrue(run(Map.of(), "--version").out.startsWith("bcast 0."));
    }

    @Test
    void unitsReadBackWhatTheyWrite() {
        for (long ms : new long[] {1, 999, 1_000, 90_000, 3_600_000, 86_400_000, 61_000}) {
            assertEquals(ms, Units.durationMs(Units.duration(ms)));
        }
        assertEquals(5_400_000, Units.durationMs("1h30m"));
        assertEquals(1 << 20, Units.bytes("1MiB"));
        assertEquals(5, Units.bytes("5"));
        assertEquals(3L << 30, Units.bytes("3gib"));
    }

    private static Run process(String... args) throws Exception {
        return process(List.of("-jar", "build/bcast.jar"), args);
    }

    private static Run process(List<String> program, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home")
                + File.separator + "bin" + File.separator + "java"));
        command.addAll(program);
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        return new Run(process.exitValue(), out, err);
    }

    @Test
    void aRealProcessExitsWithItsCode() throws Exception {
        assertEquals(new Run(2, "", "bcast: unknown flag -x; see -help\n"), process("-x"));
        assertEquals(0, process("-help").code);
    }

    @Test
    void aJavaWithoutTheDigestEndsTheNode(@TempDir Path folder) throws Exception {
        Path providers = folder.resolve("providers");
        Files.writeString(providers, "security.provider.1=" + RandomOnly.class.getName() + "\n");
        List<String> program = List.of("-Djava.security.properties==" + providers, "-cp",
                "build/bcast.jar" + File.pathSeparator + "build/test-classes", "bcast.Main");
        String[] args = {"-bind=127.0.0.1", "-group=off", "-httpport=0",
            "-datadir=" + folder.resolve("data")};
        for (int length = args.length - 1; length <= args.length; length++) {
            Run run = process(program, Arrays.copyOf(args, length));
            assertEquals(1, run.code);
            assertTrue(run.err.contains("bcast: this Java has no MD5\n"), run.err);
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "words it otherwise")
    void aPortInUseIsOneLineAndCode1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertEquals(new Run(1, "", "bcast: cannot listen for HTTP on 127.0.0.1:" + port
                    + ": Address already in use; see -httpport and -bind\n"),
                    process("-bind=127.0.0.1", "-group=off", "-httpport=" + port));
            assertEquals(new Run(1, "", "bcast: cannot listen for links on 127.0.0.1:" + port
                    + ": Address already in use; see -clusterport and -bind\n"),
                    process("-bind=127.0.0.1", "-group=off", "-httpport=0",
                            "-clusterport=" + port));
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such signals")
    void stopsWithCode0WithinTwoSeconds() throws Exception {
        for (String signal : new String[] {"TERM", "INT"}) {
            if (signal.equals("INT") && interruptIsIgnored()) {
                System.out.println("SIGINT: not tried, since this process ignores it");
                continue;
            }
            try (NodeProcess node = NodeProcess.start("stop-" + signal)) {
                node.client().mustPost("id", "raw");
                long start = System.nanoTime();
                node.signal(signal);
                assertEquals(0, node.exit(15));
                System.out.println("SIG" + signal + ": stopped in "
                        + (System.nanoTime() - start) / 1_000_000 + " ms");
            }
        }
    }

    /** Shells start what runs in the background so, and its children inherit it. */
    private static boolean interruptIsIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        String ignored = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:")).findFirst().orElse("SigIgn:\t0");
        return (Long.parseUnsignedLong(ignored.substring(8).trim(), 16) & 2) != 0;
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such signals")
    void answersWhatIsInFlightBeforeItStops() throws Exception {
        try (NodeProcess node = NodeProcess.start("in-flight", "-group=off");
                RawHttp http = new RawHttp(node.httpPort())) {
            String body = News.json("id", "raw");
            http.send("POST /postNewData HTTP/1.1\r\nHost: x\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body.substring(0, 10));
            // Served after the first: now its half body is being read.
            node.client().mustPost("other", "raw");
            node.signal("TERM");
            Await.until("new requests are refused", 1, () -> {
                try {
                    return node.client().send("GET", "/healthz", null).statusCode() == 503;
                } catch (IOException gone) {
                    return true;
                }
            });
            http.send(body.substring(10));
            assertEquals("{\"result\":true,\"msg\":\"ok\"}", http.answer().body());
            assertEquals(0, node.exit(15));
        }
    }

    @Test
    void aValidatorOfTheUsersOwn(@TempDir Path folder) throws Exception {
        Path source = folder.resolve("LoudValidator.java");
        Files.writeString(source, """
                package com.example;
                import bcast.data.Data;
                import bcast.validator.Validator;
                public final class LoudValidator implements Validator {
                    @Override public String name() { return "loud"; }
                    @Override public Verdict check(Data data) {
                        return data.raw().endsWith("!") ? new Verdict.Valid(data)
                                : new Verdict.Invalid("not loud enough");
                    }
                }
                """);
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-cp",
                "build/bcast.jar", "-d", folder.toString(), source.toString()));
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator
                + "java";
        try (NodeProcess node = NodeProcess.command(List.of(java, "-cp",
                "build/bcast.jar" + File.pathSeparator + folder, "bcast.Main",
                "-bind=127.0.0.1", "-httpport=0", "-group=off",
                "-validator=com.example.LoudValidator"))) {
            assertEquals("{\"result\":true,\"msg\":\"ok\"}", node.client().send("POST",
                    "/postNewData", "{\"id\":\"1\",\"raw\":\"hi!\",\"signature\":\"x\"}").body());
            assertTrue(node.client().send("POST", "/postNewData",
                    "{\"id\":\"2\",\"raw\":\"hi\",\"signature\":\"x\"}").body()
                    .contains("not loud enough"));
            assertFalse(node.client().list().contains("\"2\""));
        }
    }
}
