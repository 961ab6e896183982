package bcast.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real node: the built jar in a process of its own. */
public final class NodeProcess implements AutoCloseable {

    private static final String JAVA =
            System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
    private static final Pattern CLIENTS = Pattern.compile(
            "clients at (?:(https?)://([^ :]+):|port )(\\d+)");

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private NodeProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "stderr of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a node on loopback, with free ports. */
    public static NodeProcess start(String cluster, String... flags) throws Exception {
        List<String> all = new ArrayList<>(List.of("-bind=127.0.0.1", "-httpport=0",
                "-cluster=" + cluster));
        all.addAll(Arrays.asList(flags));
        return launch(List.of(), all);
    }

    /** Starts a node with exactly these flags, behind a command such as {@code ip netns exec}. */
    public static NodeProcess launch(List<String> prefix, List<String> flags) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(JAVA, "-ea", "-Xmx256m", "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "-jar", "build/bcast.jar"));
        command.addAll(flags);
        return command(command);
    }

    /** Starts a node by a whole command. */
    public static NodeProcess command(List<String> command) throws Exception {
        NodeProcess node = begin(command);
        try {
            return node.started();
        } catch (Throwable e) {
            node.close();
            throw e;
        }
    }

    /** Begins to start a node by a whole command, and does not wait. */
    public static NodeProcess begin(List<String> command) throws Exception {
        return new NodeProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** Waits until the node serves. */
    public NodeProcess started() throws Exception {
        Await.until("the node says where it serves", 20, () -> match(CLIENTS) != null
                || !process.isAlive());
        if (match(CLIENTS) == null) {
            // Its last lines may not be read yet.
            reader.join(5_000);
            throw new AssertionError("the node did not start: " + lines);
        }
        return this;
    }

    private void read() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("(log ended: " + e.getMessage() + ")");
        }
    }

    private Matcher match(Pattern pattern) {
        for (String line : lines) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                return matcher;
            }
        }
        return null;
    }

    /** The port for clients. */
    public int httpPort() {
        return Integer.parseInt(match(CLIENTS).group(3));
    }

    /** The port for links. */
    public int clusterPort() throws Exception {
        Pattern port = Pattern.compile("on TCP port (\\d+)");
        Await.until("the node says where it links", 5, () -> match(port) != null);
        return Integer.parseInt(match(port).group(1));
    }

    public Client client() {
        Matcher clients = match(CLIENTS);
        return new Client(clients.group(1) + "://" + clients.group(2) + ":"
                + clients.group(3));
    }

    /** Waits until the node is ready. */
    public NodeProcess ready() throws Exception {
        Client client = client();
        Await.until("the node is ready", 10, client::ready);
        return this;
    }

    /** What the node logged so far. */
    public List<String> log() {
        return lines;
    }

    public boolean alive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** Sends a signal by name, such as KILL, STOP, CONT or TERM. */
    public void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, "" + process.pid()).inheritIO().start().waitFor();
    }

    /** Waits for the end. Returns the exit code. */
    public int exit(double seconds) throws Exception {
        if (!process.waitFor((long) (seconds * 1000), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + seconds + " s");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            reader.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
