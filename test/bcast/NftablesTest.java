package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.testing.NodeProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The documented rules against floods of connections, in a network namespace. Needs root, iproute2,
 * nft, bash and curl; skipped where they are not.
 */
@EnabledOnOs(OS.LINUX)
final class NftablesTest {

    private static final int LIMIT = 256;

    private final String namespace = "bcastnft" + ProcessHandle.current().pid();

    private String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    private String inside(String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return run(all.toArray(new String[0]));
    }

    private static String rules() throws IOException {
        String page = Files.readString(Path.of("src/bcast/help/proxy.md"));
        int from = page.indexOf("    table inet bcast {");
        return page.substring(from, page.indexOf("\n    }\n", from) + 7);
    }

    @Test
    void anAddressGets256ConnectionsAndAnotherIsServed(@TempDir Path dir) throws Exception {
        Path rules = Files.writeString(dir.resolve("bcast.nft"), rules());
        try {
            run("ip", "netns", "add", namespace);
        } catch (IOException e) {
            assumeTrue(false, "needs root and iproute2: " + e.getMessage());
        }
        try {
            inside("ip", "link", "set", "lo", "up");
            try {
                inside("nft", "-f", rules.toString());
            } catch (IOException e) {
                assumeTrue(false, "needs nft and its modules: " + e.getMessage());
            }
            try (NodeProcess node = NodeProcess.launch(List.of("ip", "netns", "exec", namespace),
                    List.of("-bind=127.0.0.1", "-httpport=8080", "-group=off"))) {
                assertEquals("" + LIMIT, inside("bash", "-c", "n=0; for i in {1..300}; do "
                        + "{ exec {fd}<>/dev/tcp/127.0.0.1/8080; } 2>/dev/null && n=$((n+1)); "
                        + "done; curl -s -o /dev/null --max-time 5 --interface 127.0.0.2 "
                        + "http://127.0.0.1:8080/healthz && echo $n").trim());
                assertTrue(node.alive());
            }
        } finally {
            run("ip", "netns", "del", namespace);
        }
    }
}
