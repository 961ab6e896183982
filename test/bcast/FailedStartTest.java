package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever fails: one clear line and code 1 or 2, of real processes. */
final class FailedStartTest {

    private static final int MAJOR_VERSION_AT = 7;
    private static final byte FAR_TOO_NEW = (byte) 0xff;
    private static final long HUGE_FILE = 128L << 20;

    @TempDir
    Path folder;

    /** Compiles a validator that accepts everything, with some code of its own. */
    private Path validator(String members, String check) throws Exception {
        Path source = Files.createDirectories(folder.resolve("own")).resolve("Own.java");
        Files.writeString(source, "package own;\nimport bcast.data.Data;\n"
                + "public final class Own extends Base {\n" + members
                + "    @Override public Verdict check(Data data) {\n" + check + "    }\n}\n");
        Path base = source.resolveSibling("Base.java");
        Files.writeString(base, "package own;\nimport bcast.data.Data;\n"
                + "public abstract class Base implements bcast.validator.Validator {\n"
                + "    @Override public String name() { return \"md5\"; }\n"
                + "    protected static boolean has(Data data, String text) {\n"
                + "        return data.raw().contains(text);\n    }\n"
                + "    protected static void on(String name, Runnable task) {\n"
                + "        new Thread(task, name).start();\n    }\n}\n");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-cp",
                "build/bcast.jar", "-d", folder.toString(), base.toString(), source.toString()));
        return folder;
    }

    private List<String> command(String... flags) {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home")
                + File.separator + "bin" + File.separator + "java", "-Xmx64m",
                "-XX:+UseSerialGC", "-cp", "build/bcast.jar" + File.pathSeparator + folder,
                "bcast.Main", "-bind=127.0.0.1", "-httpport=0", "-group=off"));
        command.addAll(Arrays.asList(flags));
        return command;
    }

    private void assertFails(int code, String line, String... flags) throws Exception {
        Process process = new ProcessBuilder(command(flags)).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(),
                    StandardCharsets.UTF_8);
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertTrue(said.startsWith("bcast: " + line) && said.endsWith("\n")
                    && said.lines().count() == 1, said);
            assertEquals(code, process.exitValue(), said);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aValidatorForANewerJavaIsNamed() throws Exception {
        Path own = validator("", "return new Verdict.Valid(data);").resolve("own/Own.class");
        byte[] compiled = Files.readAllBytes(own);
        compiled[MAJOR_VERSION_AT] = FAR_TOO_NEW;
        Files.write(own, compiled);
        assertFails(2, "bad value \"own.Own\" for -validator: it cannot be loaded: "
                + "java.lang.UnsupportedClassVersionError: own/Own has been compiled by a more "
                + "recent version",
                "-validator=own.Own");
    }

    @Test
    void aStaticInitializerThatThrowsIsNamed() throws Exception {
        validator("    static final int N = Integer.parseInt(\"x\");\n",
                "return new Verdict.Valid(data);");
        assertFails(2, "bad value \"own.Own\" for -validator: it cannot be loaded: "
                + "java.lang.NumberFormatException: For input string: \"x\"", "-validator=own.Own");
    }

    @Test
    void aConstructorThatThrowsIsNamed() throws Exception {
        validator("    public Own() { throw new IllegalStateException(\"no keys\"); }\n",
                "return new Verdict.Valid(data);");
        assertFails(2, "bad value \"own.Own\" for -validator: it cannot be loaded: "
                + "java.lang.IllegalStateException: no keys", "-validator=own.Own");
    }

    @Test
    void aValidatorThatCannotWorkIsOneLineAndCode1() throws Exception {
        validator("    @Override public void prepare() {\n"
                + "        throw new IllegalStateException(\"no such model\");\n    }\n",
                "return new Verdict.Valid(data);");
        String data = "-datadir=" + folder.resolve("data");
        assertFails(1, "no such model", "-validator=own.Own", "-loglevel=error");
        assertFails(1, "no such model", "-validator=own.Own", "-loglevel=error", data);
    }

    @Test
    void aValidatorIsPreparedOnce() throws Exception {
        validator("    private int times;\n    @Override public void prepare() {\n"
                + "        if (++times > 1) throw new IllegalStateException(\"again\");\n    }\n",
                "return times == 1 ? new Verdict.Valid(data) : null;");
        for (String data : new String[] {"", folder.resolve("data").toString()}) {
            try (NodeProcess node = NodeProcess.command(command("-validator=own.Own",
                    "-datadir=" + data))) {
                node.client().mustPost("id", "raw");
            }
        }
    }

    @Test
    void anErrorThatNobodyThoughtOfIsOneLineAndCode1() throws Exception {
        validator("    @Override public String name() { throw new Error(\"odd\"); }\n",
                "return new Verdict.Valid(data);");
        assertFails(1, "cannot start: java.lang.Error: odd at own.Own.name(Own.java:",
                "-validator=own.Own");
    }

    @Test
    void noMemoryWhileTheJournalIsReadIsOneLineAndCode1() throws Exception {
        String data = "-datadir=" + folder.resolve("data");
        try (NodeProcess node = NodeProcess.command(command(data))) {
            node.client().mustPost("id", "raw");
        }
        validator("", "throw new OutOfMemoryError(\"Java heap space\");");
        assertFails(1, "cannot start: out of memory (Java heap space); give Java more by -Xmx, or "
                + "lower -maxbytes", data, "-validator=own.Own");
    }

    @Test
    void aFileOfTheJournalMayBeLargerThanTheHeap() throws Exception {
        Path data = folder.resolve("data");
        try (NodeProcess node = NodeProcess.command(command("-datadir=" + data))) {
            node.client().mustPost("id", "raw");
        }
        Path huge = data.resolve("news-000000000000-0000000000000001.journal");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(HUGE_FILE);
        }
        try (NodeProcess node = NodeProcess.command(command("-datadir=" + data))) {
            assertTrue(node.log().stream().anyMatch(line -> line.contains("the last " + HUGE_FILE
                    + " bytes of " + huge + " are not a whole record")), node.log()::toString);
            assertEquals(1, node.client().count());
        }
    }

    @Test
    void whateverAValidatorThrowsItsRecordIsRefusedAndTheNodeGoesOn() throws Exception {
        validator("    private Verdict deep(Data data) { return deep(data); }\n", """
                if (has(data, "deep")) {
                    return deep(data);
                }
                if (has(data, "linkage")) {
                    throw new NoClassDefFoundError("lost");
                }
                if (has(data, "memory")) {
                    return new Verdict.Invalid("" + new byte[Integer.MAX_VALUE].length);
                }
                if (has(data, "assert")) {
                    throw new AssertionError("wrong");
                }
                if (has(data, "null")) {
                    return new Verdict.Valid(null);
                }
                return new Verdict.Valid(data);
                """);
        try (NodeProcess first = NodeProcess.command(command("-cluster=errors"));
                NodeProcess node = NodeProcess.command(command("-cluster=errors",
                        "-validator=own.Own", "-peers=127.0.0.1:" + first.clusterPort()))) {
            node.ready();
            String[] raws = {"deep", "linkage", "memory", "assert", "null"};
            for (String raw : raws) {
                assertEquals(503, node.client().send("POST", "/postNewData",
                        News.json("own " + raw, raw)).statusCode(), raw);
                first.client().mustPost("peers " + raw, raw);
            }
            first.client().mustPost("id", "fine");
            Await.until("peers' records are still judged", 10, () ->
                    node.client().list().contains("\"id\""));
            assertEquals(1, node.client().count(), "only what was judged");
            List<String> failures = node.log().stream().filter(line ->
                    line.contains("validator md5 failed: ")).toList();
            assertEquals(raws.length, failures.size(), "each kind is logged once: " + failures);
            assertTrue(node.alive());
        }
    }

    private void assertEnds(String task, String line) throws Exception {
        validator("    private static final java.util.List<byte[]> ALL = "
                + "new java.util.ArrayList<>();\n", "if (has(data, \"now\")) {\n" + task
                + "}\nreturn new Verdict.Valid(data);\n");
        try (NodeProcess node = NodeProcess.command(command("-validator=own.Own"))) {
            try {
                node.client().post("id", "now");
            } catch (IOException e) {
                // It ended before it answered.
                assertTrue(e.getMessage() != null, "" + e);
            }
            assertEquals(1, node.exit(20));
            Await.until(() -> "the log says why: " + node.log(), 5, () -> node.log().stream()
                    .anyMatch(said -> said.matches("bcast: thread " + line)));
        }
    }

    @Test
    void aThreadThatFindsNoMemoryEndsTheProcess() throws Exception {
        assertEnds("on(\"hoarder\", () -> { for (int size = 1 << 20; ; ) { try {"
                + "ALL.add(new byte[size]); } catch (OutOfMemoryError e) {"
                + "if (size == 1) { throw e; } size = Math.max(1, size / 2); } } });\n",
                "\\S* failed: out of memory; give Java more by -Xmx, or lower -maxbytes");
    }

    @Test
    void aThreadThatDiesOfAnotherErrorEndsTheProcess() throws Exception {
        assertEnds("on(\"clumsy\", () -> { throw new LinkageError(\"lost\"); });\n",
                "clumsy failed: java.lang.LinkageError: lost");
    }
}
