package bcast.contract;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** The examples, compiled once against the jar alone, as a project of its own would be. */
final class Examples {

    static final Path SOURCES = Path.of("test/examples");

    private static final String JAR = "build/bcast.jar";

    /** Compiled by the first thread that asks. */
    private static final class Compiled {
        static final Path CLASSES = compile();
        static final ClassLoader LOADER = loader();

        private static Path compile() {
            Path classes = Path.of("build/examples");
            List<String> arguments = new ArrayList<>(List.of("--release", "17", "-encoding",
                    "UTF-8", "-Xlint:all", "-Werror", "-cp", JAR, "-d", classes.toString()));
            ByteArrayOutputStream errors = new ByteArrayOutputStream();
            try (Stream<Path> files = Files.walk(SOURCES)) {
                files.map(Path::toString).filter(name -> name.endsWith(".java"))
                        .forEach(arguments::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            int code = ToolProvider.getSystemJavaCompiler().run(null, null, errors,
                    arguments.toArray(new String[0]));
            if (code != 0) {
                throw new AssertionError(errors.toString(StandardCharsets.UTF_8));
            }
            return classes;
        }

        private static ClassLoader loader() {
            try {
                return new URLClassLoader(new URL[] {CLASSES.toUri().toURL()},
                        Examples.class.getClassLoader());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Examples() {}

    /** The class path of a node with an example. */
    static String classPath() {
        return JAR + File.pathSeparator + Compiled.CLASSES;
    }

    /** Constructs a module of an example, whose class need not be public. */
    static <T> T make(Class<T> type, String name, Object... arguments) throws Exception {
        Constructor<?> made = Class.forName(name, true, Compiled.LOADER)
                .getDeclaredConstructors()[0];
        made.setAccessible(true);
        try {
            return type.cast(made.newInstance(arguments));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
