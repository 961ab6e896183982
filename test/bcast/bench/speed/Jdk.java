package bcast.bench.speed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A JDK that is measured.
 *
 * @param home its folder
 * @param version its version, such as {@code 17.0.15}
 */
record Jdk(Path home, String version) {

    static Jdk at(Path home) throws IOException {
        for (String line : Files.readAllLines(home.resolve("release"))) {
            if (line.startsWith("JAVA_VERSION=")) {
                return new Jdk(home, line.substring(line.indexOf('=') + 1).replace("\"", ""));
            }
        }
        throw new IOException(home + " is no JDK");
    }

    /** A tool of the JDK, such as {@code java}. */
    String tool(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    /** The command that starts the jar as users do, on loopback and without multicast. */
    List<String> node(String... flags) {
        return command("-jar", "build/bcast.jar", flags);
    }

    /** The same with an option for the JVM. */
    List<String> nodeWith(String option, String... flags) {
        List<String> command = node(flags);
        command.add(1, option);
        return command;
    }

    private List<String> command(String how, String what, String... flags) {
        List<String> command = new ArrayList<>(List.of(tool("java"), how, what, "-bind=127.0.0.1",
                "-httpport=0", "-group=off"));
        command.addAll(Arrays.asList(flags));
        return command;
    }

    /** The command that starts the program the nodes are measured against. */
    List<String> floor(String name) {
        return List.of(tool("java"), "-cp", "build/classes:build/test-classes", name);
    }
}
