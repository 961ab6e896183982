package bcast.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** TCP ports of this machine's loopback address. */
public final class Ports {

    private Ports() {}

    /**
     * Waits until a port can be bound. A port that its server has freed may for a moment be that of
     * another test's connection, to which the system gives any that is free, or be held by a
     * process that another test just starts, which closes the sockets it inherited.
     */
    public static void awaitFree(int port) throws Exception {
        Await.until("port " + port + " is free", 10, () -> {
            try (ServerSocket server = new ServerSocket(port, 1,
                    InetAddress.getLoopbackAddress())) {
                return server.getLocalPort() == port;
            } catch (IOException e) {
                return false;
            }
        });
    }
}
