# /// script
# dependencies = ["paramiko"]
# [tool.mempip]
# container = true
# ///
"""An SSH server and client in one process: key exchange, a command, and files by SFTP."""

import io
import socket
import threading
import time

import paramiko

key = paramiko.RSAKey.generate(2048)


class Server(paramiko.ServerInterface):
    def check_auth_password(self, user, password):
        return paramiko.AUTH_SUCCESSFUL if password == "secret" else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, number):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        def answer():
            time.sleep(0.5)  # the request is answered first
            channel.sendall(command.upper())
            channel.send_exit_status(7)
            channel.close()

        threading.Thread(target=answer).start()
        return True


def serve():
    transport.add_server_key(key)
    transport.start_server(server=Server())


near, far = socket.socketpair()
transport = paramiko.Transport(far)
threading.Thread(target=serve).start()
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect("memory", username="ada", password="secret", sock=near, look_for_keys=False, allow_agent=False)
_, out, _ = client.exec_command("hello")
print(out.read(), out.channel.recv_exit_status(), client.get_transport().remote_version.startswith("SSH-2.0-paramiko"))
client.close()
transport.close()
text = io.StringIO()
key.write_private_key(text)
print(paramiko.RSAKey.from_private_key(io.StringIO(text.getvalue())) == key)
