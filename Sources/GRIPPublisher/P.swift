import AsyncHTTPClient
import Configuration
import ServiceLifecycle
import Metrics
import Tracing
import Logging
