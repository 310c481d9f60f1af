import AsyncHTTPClient
import Configuration
import Logging
import Metrics
import ServiceLifecycle
import Tracing
