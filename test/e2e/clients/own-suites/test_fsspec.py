"""fsspec's own tests for every file system, put to its WebHDFS."""

import os
from urllib.parse import urlsplit

import fsspec
import fsspec.tests.abstract as abstract
import pytest


class WebHdfsFixtures(abstract.AbstractFixtures):
    @pytest.fixture
    def fs(self):
        url = urlsplit(os.environ["SUITE_URL"])
        return fsspec.filesystem("webhdfs", host=url.hostname, port=url.port, skip_instance_cache=True)

    @pytest.fixture
    def fs_path(self, fs):
        path = os.environ["SUITE_ROOT"]
        if fs.exists(path):
            fs.rm(path, recursive=True)
        fs.makedirs(path)
        return path


class TestCopy(abstract.AbstractCopyTests, WebHdfsFixtures):
    pass


class TestGet(abstract.AbstractGetTests, WebHdfsFixtures):
    pass


class TestOpen(abstract.AbstractOpenTests, WebHdfsFixtures):
    pass


class TestPipe(abstract.AbstractPipeTests, WebHdfsFixtures):
    pass


class TestPut(abstract.AbstractPutTests, WebHdfsFixtures):
    pass
