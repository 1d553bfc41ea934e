"""What a thief in the training container does: reads every file that it can, its own and other processes' environment,
command lines and open files included, and looks for the secrets given on standard input, a name and base64 on each line.
Python, because the training image has it. Prints what it found and how much it read, as JSON."""
import base64, json, os, stat, sys

# Programs of the image, the kernel's own files that never end, and the project's checkout, which stands for an image.
LEFT_OUT = {'/usr', '/opt', '/lib', '/lib64', '/bin', '/sbin', '/sys', '/boot', '/kerbside', '/proc/kcore', '/proc/kmsg'}
LARGEST = 64 * 1024 * 1024

needles = [(name, base64.b64decode(text)) for name, text in (line.split() for line in sys.stdin if line.strip())]
found, read, refused = [], 0, 0


def look(path):
    global refused
    if path in LEFT_OUT:
        return
    try:
        kind = os.lstat(path)
    except OSError:
        refused += 1
        return
    if stat.S_ISDIR(kind.st_mode):
        try:
            names = os.listdir(path)
        except OSError:
            refused += 1
            return
        for name in names:
            look(os.path.join(path, name))
    elif stat.S_ISREG(kind.st_mode) or stat.S_ISLNK(kind.st_mode):
        inspect(path)


def inspect(path):
    global read, refused
    try:
        # A link may lead to a pipe or terminal, which would wait for ever.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return
        with open(path, 'rb') as file:
            content = file.read(LARGEST)
        read += 1
    except OSError:
        refused += 1
        return
    found.extend({'secret': name, 'path': path} for name, needle in needles if needle in content)


look('/')
print(json.dumps({'found': found, 'read': read, 'refused': refused, 'secrets': len(needles)}))
