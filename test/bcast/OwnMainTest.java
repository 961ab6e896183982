package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.NodeProcess;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project that has only the jar: its Main has the lines of the default one, with one changed. */
final class OwnMainTest {

    private static final String JAR = "build/bcast.jar";
    private static final String ACCEPTED = "{\"result\":true,\"msg\":\"ok\"}";

    @TempDir
    Path project;

    private String replaced(String text, String old, String by) {
        assertTrue(text.contains(old), old);
        return text.replace(old, by);
    }

    /** Writes the sources: the default Main, whose validator is another. */
    private List<String> sources() throws Exception {
        String main = Files.readString(Path.of("src/bcast/Main.java"));
        main = replaced(main, "package bcast;\n", "package own;\n\nimport bcast.Config;\n"
                + "import bcast.Credentials;\nimport bcast.Launcher;\nimport bcast.Node;\n");
        main = replaced(main, "credentials.validator(bus);", "new Loud();");
        Path source = Files.createDirectories(project.resolve("src/own"));
        Files.writeString(source.resolve("Main.java"), main);
        Files.writeString(source.resolve("Loud.java"), """
                package own;
                import bcast.data.Data;
                import bcast.validator.Validator;
                final class Loud implements Validator {
                    @Override public String name() { return "loud"; }
                    @Override public Verdict check(Data data) {
                        return data.raw().endsWith("!") ? new Verdict.Valid(data)
                                : new Verdict.Invalid("not loud enough");
                    }
                }
                """);
        return new ArrayList<>(List.of(source.resolve("Main.java").toString(),
                source.resolve("Loud.java").toString()));
    }

    private Path compile(List<String> sources, String... options) {
        Path classes = project.resolve("classes");
        List<String> all = new ArrayList<>(Arrays.asList(options));
        all.addAll(List.of("-Xlint:all", "-Werror", "-d", classes.toString()));
        all.addAll(sources);
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler().run(null, null, errors,
                all.toArray(new String[0]));
        assertEquals(0, code, errors.toString(StandardCharsets.UTF_8));
        return classes;
    }

    private void assertRuns(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home")
                + File.separator + "bin" + File.separator + "java"));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-bind=127.0.0.1", "-httpport=0", "-group=off"));
        try (NodeProcess node = NodeProcess.command(command)) {
            assertEquals(ACCEPTED, node.client().send("POST", "/postNewData",
                    "{\"id\":\"1\",\"raw\":\"hi!\",\"signature\":\"x\"}").body());
            assertTrue(node.client().send("POST", "/postNewData",
                    "{\"id\":\"2\",\"raw\":\"hi\",\"signature\":\"x\"}").body()
                    .contains("not loud enough"));
            assertEquals(1, node.client().count());
        }
    }

    @Test
    void compilesAndRunsOnTheClassPath() throws Exception {
        Path classes = compile(sources(), "-cp", JAR);
        assertRuns("-cp", JAR + File.pathSeparator + classes, "own.Main");
    }

    @Test
    void compilesAndRunsAsAModule() throws Exception {
        List<String> sources = sources();
        Path module = project.resolve("src/module-info.java");
        Files.writeString(module, "module own { requires bcast; }\n");
        sources.add(module.toString());
        Path classes = compile(sources, "-p", JAR);
        assertRuns("-p", JAR + File.pathSeparator + classes, "-m", "own/own.Main");
    }

    @Test
    void theProtocolIsNobodysBusiness() throws Exception {
        List<String> sources = sources();
        Path peek = project.resolve("src/own/Peek.java");
        Files.writeString(peek, "package own;\nclass Peek { bcast.cluster.net.Links links; }\n");
        sources.add(peek.toString());
        Path module = project.resolve("src/module-info.java");
        Files.writeString(module, "module own { requires bcast; }\n");
        sources.add(module.toString());
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of("-p", JAR, "-d",
                project.resolve("classes").toString()));
        all.addAll(sources);
        assertEquals(1, ToolProvider.getSystemJavaCompiler().run(null, null, errors,
                all.toArray(new String[0])));
        String said = errors.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("does not export it") && said.contains("1 error"), said);
    }
}
