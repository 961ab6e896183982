package bcast.bench.speed;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Sends back what comes on each connection: the floor of a hop, in a process of its own. */
final class Echo {

    private Echo() {}

    public static void main(String[] args) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            System.out.println("echo: clients at http://127.0.0.1:" + server.getLocalPort());
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                DataInputStream in = new DataInputStream(socket.getInputStream());
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                byte[] record = new byte[Spreading.ECHO_BYTES];
                new Thread(() -> {
                    try (socket) {
                        while (true) {
                            in.readFully(record);
                            out.write(record);
                        }
                    } catch (java.io.IOException end) {
                        System.out.println("echo: a client left");
                    }
                }).start();
            }
        }
    }
}
