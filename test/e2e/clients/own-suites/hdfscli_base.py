"""What the tests of HdfsCLI take from `test.util`, which its source distribution leaves out: a client, and an empty root."""

import os

from hdfs.client import InsecureClient


class _IntegrationTest(object):
    client = None

    @classmethod
    def setup_class(cls):
        cls.client = InsecureClient(os.environ["SUITE_URL"], root=os.environ["SUITE_ROOT"])
        cls.client.delete("", recursive=True)

    def setup_method(self):
        self.client.delete("", recursive=True)
        self.client._mkdirs("")

    def _read(self, path, encoding=None):
        with self.client.read(path, encoding=encoding) as reader:
            return reader.read()

    def _write(self, path, data, encoding=None):
        self.client.write(path, data, encoding=encoding)

    def _exists(self, path):
        return self.client.status(path, strict=False) is not None
