package bcast.bench.speed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A JDK that is measured.
 *
 * @param home its folder
 * @param version its version, such as {@code 17.0.15}
 */
record Jdk(Path home, String version) {

    /** For nodes and floors alike; none unless somebody asks what one of them brings. */
    static final String JVM_OPTIONS = System.getProperty("bcast.bench.jvm", "").trim();

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

    /** Begins the command of every server, with the options for the JVM that were asked for. */
    List<String> java() {
        List<String> command = new ArrayList<>(List.of(tool("java")));
        Stream.of(JVM_OPTIONS.split(" +")).filter(option -> !option.isEmpty())
                .forEach(command::add);
        return command;
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
        List<String> command = java();
        command.addAll(List.of(how, what, "-bind=127.0.0.1", "-httpport=0", "-group=off"));
        command.addAll(Arrays.asList(flags));
        return command;
    }

    /** The command that starts the program the nodes are measured against. */
    List<String> floor(String name) {
        List<String> command = java();
        command.addAll(List.of("-cp", "build/classes:build/test-classes", name));
        return command;
    }
}
