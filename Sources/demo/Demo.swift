import Hummingbird
@main struct Demo { static func main() { print(PackageResources.index_html.count) } }
