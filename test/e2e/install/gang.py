"""What each pod of a PyTorchJob runs: reads the data by its path, meets the others where the operator says, and they compare what they read."""

import hashlib
import os
import socket
import subprocess
import time

url = f"{os.environ['KERBSIDE_WEBHDFS']}/webhdfs/v1/data/market/stocks.csv?op=OPEN"
digest = hashlib.sha256(subprocess.check_output(["curl", "-sSLf", url])).hexdigest()
rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
place = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))

if rank == 0:
    listener = socket.create_server(("", place[1]))
    others = [listener.accept()[0].recv(64).decode() for _ in range(1, world)]
    assert others == [digest] * (world - 1), others
    print(f"{world} read {digest}")
else:
    for _ in range(300):
        try:
            with socket.create_connection(place, timeout=2) as connection:
                connection.sendall(digest.encode())
            break
        except OSError:
            time.sleep(0.2)
    else:
        raise SystemExit("nobody is at " + str(place))
